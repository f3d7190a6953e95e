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
export const KEPT = 200;

/** The alerts that wait, as many as are kept. From the severity `cut` on there are more; null: these are all. */
export interface Waiting {
  list: readonly PopUp[];
  cut: string | null;
}

export const NOBODY: Waiting = { list: [], cut: null };

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

/** What waits after an alert was told; an older telling changes nothing. */
export function told(waiting: Waiting, said: AlertSaid): Waiting {
  const { list, cut } = waiting;
  const known = list.find((each) => each.id === said.id);
  if (known && known.version > said.version) return waiting;
  const others = known ? without(waiting, said.id) : waiting;
  if (!wantsEyes(said)) return others;
  const all = ordered([...others.list, popUpOf(said)]);
  const out = all[KEPT]?.severity;
  if (out === undefined) return { list: all, cut };
  return { list: all.slice(0, KEPT), cut: cut !== null && cut < out ? cut : out };
}

export function without({ list, cut }: Waiting, id: string): Waiting {
  return { list: list.filter((each) => each.id !== id), cut };
}

/** So few are left of those that were read that the others have to be asked for. */
export function runsLow({ list, cut }: Waiting): boolean {
  return cut !== null && list.length < KEPT / 2;
}

/** How many wait, in words: `40+` where not all are known; empty for none. */
export function countOf({ list, cut }: Waiting, severity: string, most: number): string {
  const n = list.filter((alert) => alert.severity === severity).length;
  if (n > most) return `${most}+`;
  return n ? `${n}${cut !== null && severity >= cut ? "+" : ""}` : "";
}

/** The most severe first; of equals the newest, which is the one that can still be seen. */
export function ordered(list: readonly PopUp[]): PopUp[] {
  return list.toSorted((a, b) => a.severity.localeCompare(b.severity) || b.raisedAt - a.raisedAt || a.id.localeCompare(b.id));
}

/** Which alert stands in which place on the screen; null is a place where nothing stands. */
export type Places = readonly (string | null)[];

export const NO_PLACES: Places = Array.from({ length: SHOWN }, () => null);

/**
 * The places after the list has changed. Nobody moves: a newcomer takes a free place, else that of
 * whoever it pushes out. In places that are `held` (the pointer or the focus is there) nothing new appears.
 */
export function standing(places: Places, list: readonly PopUp[], held: readonly number[]): Places {
  const here = new Set(held.map((place) => places[place] ?? null));
  const first = list.filter(({ id }) => !here.has(id)).slice(0, SHOWN - held.length);
  const stay = list.filter(({ id }) => here.has(id));
  const wanted = new Set([...stay, ...first].map(({ id }) => id));
  const kept = places.map((id) => (id !== null && wanted.has(id) ? id : null));
  const newcomers = first.filter(({ id }) => !kept.includes(id));
  return kept.map((id, place) => id ?? (held.includes(place) ? null : (newcomers.shift()?.id ?? null)));
}

/** Why somebody who enlarges a camera looks at it, for the register of looks. */
export function reasonFor(camera: string, list: readonly PopUp[]): "alert" | "patrol" {
  return list.some((each) => each.sourceKind === "camera" && each.source === camera) ? "alert" : "patrol";
}
