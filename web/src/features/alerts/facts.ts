/** Why this alert, in numbers: what was measured beside the bound it was measured against. */
import type { Alert, Story } from "./alert";

export interface Fact {
  name: string;
  value: string;
  /** The bound of the rule, where there is one. */
  bound?: { name: string; value: string };
}

type Facts = Alert["facts"];

/** Names of a measured value and of the bounds it may have, in the order they are looked for. */
const BOUNDS: Record<string, readonly string[]> = {
  dwell_s: ["dwell_s_min"],
  count: ["count_min"],
  density_share: ["density_min_share"],
  density_per_m2: ["density_min_per_m2"],
  frozen_s: ["after_s"],
  state: ["after_s"],
  value: ["above", "below"],
};

/** A tenth of a second is as much as anybody reads. */
function shown(name: string, value: string | number | boolean | undefined): string {
  if (typeof value !== "number") return String(value);
  const parts = /_s(_min)?$/.test(name) ? 10 : 1000;
  return String(Math.round(value * parts) / parts);
}

/** The facts as pairs; a bound is not told a second time by itself. */
export function factsOf(facts: Facts): Fact[] {
  const used = new Set<string>(["unit"]);
  const pairs = Object.entries(facts).map(([name, value]) => {
    const bound = (BOUNDS[name] ?? []).find((each) => each in facts);
    if (bound) used.add(bound);
    const unit = name === "value" && facts["unit"] ? ` ${shown("unit", facts["unit"])}` : "";
    const fact: Fact = { name, value: shown(name, value) + unit };
    return bound ? { ...fact, bound: { name: bound, value: shown(bound, facts[bound]) + unit } } : fact;
  });
  return pairs.filter((fact) => !used.has(fact.name));
}

export interface GridLine {
  role: "camera_grid" | "event_grid";
  code: string | null;
  name: string | null;
  taken: boolean;
}

/** Both grids, and which one was taken, by the reason the hub gives. */
export function gridLines(alert: Alert, grids: Story["grids"]): GridLine[] {
  const name = (code: string | null) => grids.find((grid) => grid.code === code)?.name ?? null;
  const takenRole = alert.binding.why === "ground_point" ? "event_grid" : "camera_grid";
  return (["camera_grid", "event_grid"] as const).map((role) => {
    const code = alert.binding[role];
    return { role, code, name: name(code), taken: code !== null && role === takenRole };
  });
}

/** A zone's or a rule's settings worth reading: no empty ones, lists in one line. */
export function settingsOf(settings: Record<string, unknown>): [string, string][] {
  return Object.entries(settings)
    .filter(([, value]) => value !== null && value !== "" && !(Array.isArray(value) && value.length === 0))
    .filter(([, value]) => typeof value !== "object" || Array.isArray(value))
    .map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : String(value)]);
}

export type DispatchState =
  | "waits_for_verdict"
  | "dismissed"
  | "merged"
  | "group_wait"
  | "sent"
  | "closed"
  | "void"
  | "never";

/** Where an alert stands on its way to somebody who goes there. */
export function dispatchOf(alert: Alert, incident: Story["incident"]): DispatchState {
  if (incident?.state === "filed") return "group_wait";
  if (incident?.state === "void") return "void";
  if (incident && ["handled", "closed"].includes(incident.state)) return "closed";
  if (incident) return "sent";
  if (alert.merged_into) return "merged";
  if (alert.verdict !== null && alert.verdict !== "confirmed") return "dismissed";
  if (alert.policy === "verify_first" && alert.verdict === null) return "waits_for_verdict";
  return "never";
}
