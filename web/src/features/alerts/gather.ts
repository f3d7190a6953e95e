/**
 * The live list as values. While somebody works in it nothing moves: what is new gathers behind a
 * bar, what no longer belongs stays where it is; `settle` lets both happen.
 */
import type { Alert } from "./alert";
import { placeOf, type Compare } from "./order";

export interface Listed {
  rows: readonly Alert[];
  /** New ones that wait to be shown, by id. */
  held: ReadonlyMap<string, Alert>;
  /** False while the hub has more of the list than was loaded. */
  whole: boolean;
}

export interface Terms {
  /** True while the pointer is over the list or an alert is being worked on. */
  busy: boolean;
  wants: (alert: Alert) => boolean;
  compare: Compare;
}

export const NONE: Listed = { rows: [], held: new Map(), whole: false };

/** A page of the hub is put behind what is there; what came by the feed meanwhile is not doubled. */
export function append(listed: Listed, page: readonly Alert[], whole: boolean, compare: Compare): Listed {
  const known = new Set(listed.rows.map((row) => row.id));
  const fresh = page.filter((row) => !known.has(row.id) && !listed.held.has(row.id));
  const rows = [...listed.rows, ...fresh];
  const last = listed.rows.at(-1);
  const first = fresh[0];
  if (last && first && compare(last, first) > 0) rows.sort(compare);
  return { rows, held: listed.held, whole };
}

/**
 * What the feed tells of alerts. Only what was told is looked at again: one of ten thousand that
 * changes is found, judged and put into its place without asking the others.
 */
export function take(listed: Listed, told: readonly Alert[], terms: Terms): Listed {
  const { wants, compare, busy } = terms;
  const news = new Map<string, Alert>();
  for (const alert of told) news.set(alert.id, newer(news.get(alert.id), alert));
  const rows = [...listed.rows];
  const left = new Set<number>();
  const moved: Alert[] = [];
  for (let index = 0; index < rows.length && news.size > 0; index += 1) {
    const row = rows[index] as Alert;
    const alert = news.get(row.id);
    if (!alert) continue;
    news.delete(row.id);
    rows[index] = newer(row, alert);
    if (busy || (compare(row, alert) === 0 && wants(alert))) continue;
    left.add(index);
    moved.push(rows[index] as Alert);
  }
  const held = new Map(listed.held);
  for (const alert of news.values()) {
    const now = newer(held.get(alert.id), alert);
    if (wants(now) && within(listed, now, compare)) held.set(now.id, now);
    else held.delete(now.id);
  }
  const { whole } = listed;
  if (busy) return { rows, held, whole };
  const stayed = left.size === 0 ? rows : rows.filter((_, index) => !left.has(index));
  for (const alert of [...moved, ...held.values()]) put(stayed, alert, terms);
  return { rows: stayed, held: new Map(), whole };
}

function newer(known: Alert | undefined, told: Alert): Alert {
  return known && known.version > told.version ? known : told;
}

/** Into its place in a list that is in order, if it belongs there at all. */
function put(rows: Alert[], alert: Alert, { wants, compare }: Terms): void {
  if (wants(alert)) rows.splice(placeOf(rows, alert, compare), 0, alert);
}

/** What lies behind the end of what was loaded comes with its page. */
function within(listed: Listed, alert: Alert, compare: Compare): boolean {
  const last = listed.rows.at(-1);
  return listed.whole || (last !== undefined && compare(alert, last) < 0);
}

/** Nobody works in the list: show what gathered, take away what no longer belongs. */
export function settle(listed: Listed, terms: Terms): Listed {
  const rows = listed.rows.filter(terms.wants);
  const sorted = rows.every((row, index) => index === 0 || terms.compare(rows[index - 1] as Alert, row) <= 0);
  if (!sorted) rows.sort(terms.compare);
  for (const alert of listed.held.values()) put(rows, alert, terms);
  return { rows, held: new Map(), whole: listed.whole };
}

/** The row to go on with when this one is done: the next, at the end the one before. */
export function neighbour(rows: readonly Alert[], id: string | null, step: 1 | -1): string | null {
  if (rows.length === 0) return null;
  const at = rows.findIndex((row) => row.id === id);
  if (at < 0) return (rows[0] as Alert).id;
  return (rows[Math.min(rows.length - 1, Math.max(0, at + step))] as Alert).id;
}

/** How far the list must be scrolled on so that the row at the top stays where it is (in rows). */
export function shiftOf(before: readonly Alert[], after: readonly Alert[], top: number): number {
  for (let index = top; index < before.length; index += 1) {
    const now = after.findIndex((row) => row.id === (before[index] as Alert).id);
    if (now >= 0) return now - index;
  }
  return 0;
}
