/** The order of the list: by severity and clock, or the newest first; as the hub pages it. */
import type { Alert } from "./alert";

export type Order = "urgency" | "newest";
export type Compare = (one: Alert, other: Alert) => number;

const text = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** The most severe first; of equals the one that was raised first: its clock runs out first. */
export const byUrgency: Compare = (one, other) =>
  text(one.severity, other.severity) || text(one.raised_at, other.raised_at) || text(one.id, other.id);

export const byAge: Compare = (one, other) => text(other.raised_at, one.raised_at) || text(other.id, one.id);

export function compareBy(order: Order): Compare {
  return order === "urgency" ? byUrgency : byAge;
}

/** Where an alert belongs in a sorted list: before the first one that comes after it. */
export function placeOf(rows: readonly Alert[], alert: Alert, compare: Compare): number {
  let from = 0;
  let to = rows.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (compare(rows[middle] as Alert, alert) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}
