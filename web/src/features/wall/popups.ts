/** Alerts that pop up on the wall: pinned until somebody acknowledges them. Pure. */

export interface PopUp {
  id: string;
  severity: string;
  ruleKind: string;
  source: string;
  sourceKind: string;
  place: string;
  gridCode: string | null;
  evidenceId: string | null;
  /** UTC, ms since 1970. */
  raisedAt: number;
  cleared: boolean;
  exercise: boolean;
  version: number;
}

/** The form of the API and of the feed, which tells times in seconds and the grid without its binding. */
export interface AlertSaid {
  id: string;
  severity: string;
  rule_kind: string;
  source: string;
  source_kind: string;
  place: string;
  life: string;
  ack: string;
  verdict: string | null;
  binding?: { grid_code: string | null };
  grid_code?: string | null;
  evidence_id: string | null;
  raised_at: string | number;
  exercise: boolean;
  version: number;
  merged_into: string | null;
}

/** What is shown at once; the others are counted. */
export const SHOWN = 3;
const KEPT = 200;

export function popUpOf(said: AlertSaid): PopUp {
  const raised = said.raised_at;
  return {
    id: said.id,
    severity: said.severity,
    ruleKind: said.rule_kind,
    source: said.source,
    sourceKind: said.source_kind,
    place: said.place,
    gridCode: said.binding?.grid_code ?? said.grid_code ?? null,
    evidenceId: said.evidence_id,
    raisedAt: typeof raised === "number" ? raised * 1000 : Date.parse(raised),
    cleared: said.life === "cleared",
    exercise: said.exercise,
    version: said.version,
  };
}

/**
 * Whether an alert wants eyes: raised, and nobody has taken note of it or judged it. One that is
 * pending wants them most: nothing is dispatched before a person has judged it.
 */
export function wantsEyes(said: AlertSaid): boolean {
  return said.ack === "unacked" && said.verdict === null && said.merged_into === null;
}

/** The list after an alert was told; an older telling changes nothing. */
export function told(list: readonly PopUp[], said: AlertSaid): readonly PopUp[] {
  const known = list.find((each) => each.id === said.id);
  if (known && known.version > said.version) return list;
  const others = list.filter((each) => each.id !== said.id);
  if (!wantsEyes(said)) return known ? others : list;
  return ordered([...others, popUpOf(said)]).slice(0, KEPT);
}

export function without(list: readonly PopUp[], id: string): readonly PopUp[] {
  return list.filter((each) => each.id !== id);
}

/** The most severe first; of equals the newest, which is the one that can still be seen. */
export function ordered(list: readonly PopUp[]): PopUp[] {
  return list.toSorted((a, b) => a.severity.localeCompare(b.severity) || b.raisedAt - a.raisedAt || a.id.localeCompare(b.id));
}

/** A number below `SHOWN` for each alert that is shown; those that had one keep it. */
export function seated(seats: ReadonlyMap<string, number>, list: readonly PopUp[]): ReadonlyMap<string, number> {
  const kept = new Map(list.flatMap(({ id }) => (seats.has(id) ? [[id, seats.get(id) as number]] : [])));
  const taken = new Set(kept.values());
  const free = Array.from({ length: SHOWN }, (_, i) => i).filter((i) => !taken.has(i));
  for (const { id } of list) if (!kept.has(id)) kept.set(id, free.shift() ?? 0);
  const same = kept.size === seats.size && [...kept].every(([id, seat]) => seats.get(id) === seat);
  return same ? seats : kept;
}

/** Why somebody who enlarges a camera looks at it, for the register of looks. */
export function reasonFor(camera: string, list: readonly PopUp[]): "alert" | "patrol" {
  return list.some((each) => each.sourceKind === "camera" && each.source === camera) ? "alert" : "patrol";
}
