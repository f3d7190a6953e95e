/** Times at which something counts: days, weekdays, hours, on the site's wall clock. Pure. */
import type { components } from "@/api/schema";

export type WindowIn = components["schemas"]["WindowIn"];
/** As the hub tells it. */
export type Span = components["schemas"]["WindowOut"];

/** As a form holds it: dates as `2026-01-31`, hours as `08:00`; empty is open. */
export interface WindowDraft {
  from: string;
  to: string;
  days: number[];
  wholeDay: boolean;
  begins: string;
  ends: string;
}

export const DAYS = [1, 2, 3, 4, 5, 6, 7] as const;
const DAY_MINUTES = 1440;
const DAY_MS = 86_400_000;

export function freshWindow(): WindowDraft {
  return { from: "", to: "", days: [1, 2, 3, 4, 5], wholeDay: false, begins: "08:00", ends: "18:00" };
}

/** Key of the words for what is wrong with it, or null. */
export function faultIn(draft: WindowDraft): string | null {
  if (draft.days.length === 0) return "window.noDay";
  if (!draft.wholeDay && (minuteOf(draft.begins) === null || minuteOf(draft.ends) === null)) return "window.noHours";
  if (draft.from && draft.to && draft.to < draft.from) return "window.reversed";
  return null;
}

/** For the hub; `zone` is the site's. */
export function windowOf(draft: WindowDraft, zone: string): WindowIn {
  const hours = draft.wholeDay ? { from_minute: 0, to_minute: DAY_MINUTES } : { from_minute: minuteOf(draft.begins) ?? 0, to_minute: minuteOf(draft.ends) ?? DAY_MINUTES };
  return {
    starts_at: draft.from ? midnight(draft.from, 0, zone) : null,
    ends_at: draft.to ? midnight(draft.to, 1, zone) : null,
    weekdays: [...draft.days].sort((a, b) => a - b),
    ...hours,
  };
}

function minuteOf(time: string): number | null {
  const found = /^(\d{1,2}):(\d{2})/.exec(time);
  return found ? Number(found[1]) * 60 + Number(found[2]) : null;
}

/** When a day begins in a zone, as the hub reads it; `later` days after the one that is named. */
export function midnight(date: string, later: number, zone: string): string {
  const wall = Date.parse(`${date}T00:00:00Z`) + later * DAY_MS;
  const first = wall - offsetMs(wall, zone);
  // Where the clocks were changed in between the other side of it counts.
  return new Date(wall - offsetMs(first, zone)).toISOString();
}

/** How far the wall clock of a zone is ahead of UTC at a moment. */
function offsetMs(at: number, zone: string): number {
  const options = { timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" } as const;
  const part = Object.fromEntries(new Intl.DateTimeFormat("en-US", options).formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(part["year"] ?? 0, (part["month"] ?? 1) - 1, part["day"], part["hour"], part["minute"], part["second"]) - at;
}

/** The day of a moment in a zone, as `2026-01-31`. */
export function dayIn(at: number, zone: string): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(at);
}

type Translate = (key: string, named?: Record<string, unknown>) => string;

const said = (t: Translate, key: string, named: Record<string, unknown> = {}): string => t(`window.${key}`, named);

/** In words: 每周一至周五 8:00–18:00，2026-01-01 至 2026-03-31. */
export function windowWords(window: Span | WindowIn | null, zone: string, t: Translate): string {
  if (!window) return said(t, "always");
  const days = daysWords(window.weekdays, t);
  const hours = hoursWords(window, t);
  const dates = datesWords(window, zone, t);
  const always = days === said(t, "every") && hours === said(t, "allDay");
  if (always) return dates || said(t, "always");
  return [`${days} ${hours}`, dates].filter(Boolean).join(said(t, "join"));
}

function daysWords(days: readonly number[], t: Translate): string {
  const sorted = [...days].sort((a, b) => a - b);
  const [first = 1, last = 7] = [sorted[0], sorted.at(-1)];
  const name = (day: number): string => said(t, `day.d${day}`);
  if (sorted.length === DAYS.length) return said(t, "every");
  if (sorted.length > 2 && last - first === sorted.length - 1) return said(t, "range", { from: name(first), to: name(last) });
  return said(t, "list", { days: sorted.map(name).join(said(t, "and")) });
}

function hoursWords({ from_minute, to_minute }: { from_minute: number; to_minute: number }, t: Translate): string {
  if (from_minute === 0 && to_minute === DAY_MINUTES) return said(t, "allDay");
  const time = (minute: number): string => `${Math.floor(minute / 60)}:${String(minute % 60).padStart(2, "0")}`;
  return said(t, to_minute > from_minute ? "hours" : "overnight", { from: time(from_minute), to: time(to_minute) });
}

function datesWords({ starts_at, ends_at }: { starts_at?: string | null; ends_at?: string | null }, zone: string, t: Translate): string {
  const from = starts_at ? dayIn(Date.parse(starts_at), zone) : "";
  // What ends at midnight ends with the day before.
  const to = ends_at ? dayIn(Date.parse(ends_at) - 1, zone) : "";
  if (from && to) return said(t, "between", { from, to });
  if (from) return said(t, "since", { from });
  return to ? said(t, "until", { to }) : "";
}
