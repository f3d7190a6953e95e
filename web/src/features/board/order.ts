/**
 * The columns as values. Where somebody works nothing moves: what comes waits behind a bar, what went
 * elsewhere stays, said so, until they leave. Pure.
 */
import type { Incident, Origin, Severity } from "@/features/incidents/types";

export interface Shown {
  rows: readonly Incident[];
  /** Belong here by now, and wait to be shown. */
  waiting: readonly Incident[];
  /** Stand here and belong elsewhere by now. */
  left: ReadonlySet<string>;
}

export const NOTHING: Shown = { rows: [], waiting: [], left: new Set() };

/** As the hub has it. */
export const settled = (fresh: readonly Incident[]): Shown => ({ rows: fresh, waiting: [], left: new Set() });

/** Every place is kept; `elsewhere`: what is known of those that are in another column now. */
export function held(shown: Shown, fresh: readonly Incident[], elsewhere: ReadonlyMap<string, Incident>): Shown {
  const here = new Map(fresh.map((each) => [each.id, each]));
  const rows = shown.rows.map((row) => newer(row, here.get(row.id) ?? elsewhere.get(row.id)));
  const standing = new Set(rows.map(({ id }) => id));
  return {
    rows,
    waiting: fresh.filter(({ id }) => !standing.has(id)),
    left: new Set(rows.filter(({ id }) => !here.has(id)).map(({ id }) => id)),
  };
}

function newer(known: Incident, told: Incident | undefined): Incident {
  return told && told.version >= known.version ? told : known;
}

export interface Filters {
  grid: string | null;
  severity: Severity | null;
  origin: Origin | null;
}

/** The grid is asked of the hub, the rest is chosen here of what it told. */
export const narrow = ({ severity, origin }: Filters): boolean => severity !== null || origin !== null;

export function wanted({ severity, origin }: Filters, incident: Pick<Incident, "severity" | "origin">): boolean {
  return (severity === null || incident.severity === severity) && (origin === null || incident.origin === origin);
}

type Query = Record<string, unknown>;
const one = <T extends string>(value: unknown, of: readonly T[]): T | null => of.find((each) => each === value) ?? null;

export function filtersFrom(query: Query, severities: readonly Severity[], origins: readonly Origin[]): Filters {
  const grid = typeof query["grid"] === "string" && query["grid"] !== "" ? query["grid"] : null;
  return { grid, severity: one(query["severity"], severities), origin: one(query["origin"], origins) };
}

export const queryOf = (filters: Filters): Record<string, string> =>
  Object.fromEntries(Object.entries(filters).filter((each): each is [string, string] => each[1] !== null));

/** Where the focus goes from a card, by columns of ids; null stays. */
export function beside(columns: readonly (readonly string[])[], at: string, key: string): string | null {
  const column = columns.findIndex((each) => each.includes(at));
  const row = columns[column]?.indexOf(at) ?? -1;
  if (row < 0) return null;
  if (key === "ArrowDown") return columns[column]?.[row + 1] ?? null;
  if (key === "ArrowUp") return columns[column]?.[row - 1] ?? null;
  const side = key === "ArrowRight" ? 1 : -1;
  for (let next = column + side; columns[next]; next += side) {
    const rows = columns[next] ?? [];
    if (rows.length > 0) return rows[Math.min(row, rows.length - 1)] ?? null;
  }
  return null;
}
