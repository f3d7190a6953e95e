/** The timeline as people read it: what is told twice stands once. Pure. */
import type { Entry } from "./types";

/** Words of an errand are noted with the incident's own, by the same person and at the same moment. */
const TOGETHER_MS = 2_000;

/** A line of an errand that says what a line of the incident says goes into it, with its pictures. */
export function folded(entries: readonly Entry[]): Entry[] {
  const said: Entry[] = [];
  const doubles: Entry[] = [];
  for (const entry of entries) {
    const double = entry.entity === "task" && entries.some((other) => other.entity === "incident" && same(other, entry));
    (double ? doubles : said).push(entry);
  }
  return said.map((entry) => {
    if (entry.entity !== "incident") return entry;
    const also = doubles.filter((each) => same(entry, each));
    const evidence_ids = [...new Set([...entry.evidence_ids, ...also.flatMap((each) => each.evidence_ids)])];
    return { ...entry, evidence_ids, sealed: entry.sealed && also.every(({ sealed }) => sealed) };
  });
}

function same(one: Entry, other: Entry): boolean {
  return one.what === other.what && one.actor === other.actor && Math.abs(Date.parse(one.at) - Date.parse(other.at)) <= TOGETHER_MS;
}

const RESTLESS: ReadonlySet<string> = new Set(["clear", "reopen", "refresh", "note", "none"]);

/** A signal that comes and goes: of no use to who reads how the matter went. */
export const restless = ({ entity, actor, what }: Pick<Entry, "entity" | "actor" | "what">): boolean =>
  entity === "alert" && actor === "hub" && RESTLESS.has(what);

/** Reasons that name another thing: an alert that was filed or joined, an incident it went into or that came of it. */
export function pointsTo({ entity, what, reason }: Pick<Entry, "entity" | "what" | "reason">): { to: "alerts" | "incident"; id: string; note: string } | null {
  const [, id, note] = /^([0-9a-f]{32})(?:: (.*))?$/s.exec(reason) ?? [];
  if (!id || entity !== "incident") return null;
  return { to: what === "merge" || what === "split" ? "incident" : "alerts", id, note: note ?? "" };
}

/** Deadlines stand in the log in universal time, `2026-03-01T08:00:00.000Z`: people read their own. */
export const timed = (reason: string, told: (at: string) => string): string => reason.replace(/\b\d{4}-\d\d-\d\dT[\d:.]+Z/g, told);
