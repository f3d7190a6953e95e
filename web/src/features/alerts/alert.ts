/** An alert as the hub tells of it, and what the change feed's entry makes of it. */
import type { components } from "@/api/schema";

/** As the client hands it out: a tuple of the document is a list to it. */
type Told<T> = T extends (infer E)[] ? Told<E>[] : T extends object ? { [K in keyof T]: Told<T[K]> } : T;

export type Alert = Told<components["schemas"]["AlertOut"]>;
export type Story = Told<components["schemas"]["StoryOut"]>;
export type Verdict = components["schemas"]["Verdict"];
export type Severity = components["schemas"]["Severity"];

export const SEVERITIES: readonly Severity[] = ["P1", "P2", "P3", "P4"];
export const VERDICTS: readonly Verdict[] = ["confirmed", "false", "duplicate", "test", "suppressed"];

/** Whether a verdict can be given: the first one, or a mistake put right by confirming. */
export function mayJudge(alert: Alert, verdict: Verdict): boolean {
  if (alert.merged_into) return false;
  return alert.verdict === null || (verdict === "confirmed" && alert.verdict !== "confirmed");
}

/** A stretch of work, from and to, ms since 1970. */
export type Span = readonly [number, number];

/**
 * By when somebody should have judged (ms since 1970): `verdictS` seconds after it was raised, of work
 * where `spans` are given. Older than they are, it is counted by the wall: it is over long since.
 */
export function judgeBy(alert: Pick<Alert, "raised_at">, verdictS: number, spans: readonly Span[] | null = null): number {
  const raised = Date.parse(alert.raised_at);
  const wall = raised + verdictS * 1000;
  const first = spans?.[0];
  const last = spans?.at(-1);
  if (!spans || !first || !last || raised < first[0]) return wall;
  let left = verdictS * 1000;
  for (const [from, to] of spans) {
    const begins = Math.max(from, raised);
    if (to - begins >= left) return begins + left;
    left -= Math.max(0, to - begins);
  }
  return last[1] + left;
}

const iso = (at: unknown): string | null => (typeof at === "number" ? new Date(at * 1000).toISOString() : null);

/** The feed tells the columns of the table, times as epoch seconds. */
export function fromFeed(body: Record<string, unknown>): Alert {
  const row = body as Record<string, never>;
  const { lon, lat, box } = body as { lon: number | null; lat: number | null; box: number[] | null };
  return {
    ...(row as unknown as Alert),
    binding: {
      camera_grid: row["camera_grid"] ?? null,
      event_grid: row["event_grid"] ?? null,
      grid_code: row["grid_code"] ?? null,
      grid_path: row["grid_path"] ?? [],
      why: row["grid_why"] as unknown as Alert["binding"]["why"],
      confidence: row["grid_confidence"] ?? 0,
      position: lon === null || lat === null ? null : { lon, lat },
      secondary: ((row["secondary"] ?? []) as [string, string, number][]).map(([code, kind, share]) => ({ code, kind, share })),
      unbound: row["grid_code"] === null,
    },
    box: box ? { x1: box[0] ?? 0, y1: box[1] ?? 0, x2: box[2] ?? 0, y2: box[3] ?? 0 } : null,
    captured_at: iso(row["captured_at"]) ?? "",
    raised_at: iso(row["raised_at"]) ?? "",
    updated_at: iso(row["updated_at"]) ?? "",
    cleared_at: iso(row["cleared_at"]),
  };
}
