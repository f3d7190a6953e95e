/** Which alerts are wanted: as in the address, as asked of the hub, and as a test of one alert. */
import type { Alert, Severity } from "./alert";
import { SEVERITIES } from "./alert";
import type { Order } from "./order";

export const STATES = ["unjudged", "live", "all"] as const;
export type State = (typeof STATES)[number];

export interface Filters {
  state: State;
  severity: Severity | null;
  kind: Alert["rule_kind"] | null;
  grid: string | null;
}

export const KINDS: readonly Alert["rule_kind"][] = [
  "zone_intrusion",
  "line_crossing",
  "crowd",
  "camera_offline",
  "camera_frozen",
  "sensor_threshold",
  "panic_button",
  "unobserved",
  "undelivered",
  "vacancy",
  "audit",
];

type Query = Record<string, unknown>;

const oneOf = <T extends string>(all: readonly T[], asked: unknown): T | null =>
  all.find((each) => each === asked) ?? null;

export function fromQuery(query: Query): Filters {
  return {
    state: oneOf(STATES, query["state"]) ?? "unjudged",
    severity: oneOf(SEVERITIES, query["severity"]),
    kind: oneOf(KINDS, query["kind"]),
    grid: typeof query["grid"] === "string" && query["grid"] ? query["grid"] : null,
  };
}

/** What is as usual stays out of the address. */
export function toQuery(filters: Filters): Record<string, string> {
  const { state, ...rest } = filters;
  const given = Object.entries(rest).filter((entry): entry is [string, string] => entry[1] !== null);
  return { ...(state === "unjudged" ? {} : { state }), ...Object.fromEntries(given) };
}

/** What waits is worked off by urgency; of everything one wants to see the newest. */
export function orderOf(filters: Filters): Order {
  return filters.state === "all" ? "newest" : "urgency";
}

export function asked(filters: Filters) {
  return {
    order: orderOf(filters),
    ...(filters.state === "unjudged" ? { judged: false } : {}),
    ...(filters.state === "live" ? { live: true } : {}),
    ...(filters.severity ? { severity: filters.severity } : {}),
    ...(filters.kind ? { rule_kind: filters.kind } : {}),
    ...(filters.grid ? { grid: filters.grid } : {}),
  };
}

/** The same question, asked of one alert. */
export function wants(filters: Filters, alert: Alert): boolean {
  if (filters.state === "unjudged" && alert.verdict !== null) return false;
  if (filters.state === "live" && alert.life === "cleared") return false;
  if (filters.severity && alert.severity !== filters.severity) return false;
  if (filters.kind && alert.rule_kind !== filters.kind) return false;
  return !filters.grid || alert.binding.grid_path.includes(filters.grid);
}
