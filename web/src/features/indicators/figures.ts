/** Periods, and figures as people read them. Pure. */
import type { Figure, Indicator, Sheet } from "./data";

/** `grid` null: the whole site, or one's own ground. Days as 2026-11-23, both counted. */
export interface Asked {
  grid: string | null;
  first: string;
  last: string;
}

export const PERIODS = ["week", "lastWeek", "month", "lastMonth", "year"] as const;
export type PeriodName = (typeof PERIODS)[number];

const DAY_MS = 86_400_000;
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const msOf = (day: string): number => Date.parse(`${day}T00:00:00Z`);

/** The day after (or before) so many others. */
export const shifted = (day: string, days: number): string => dayOf(msOf(day) + days * DAY_MS);

/** The site's day of a moment (ms since 1970). */
export const dayIn = (at: number, zone: string): string => new Intl.DateTimeFormat("en-CA", { timeZone: zone, dateStyle: "short" }).format(at);

function monthOf(year: number, month: number): { first: string; last: string } {
  return { first: dayOf(Date.UTC(year, month, 1)), last: dayOf(Date.UTC(year, month + 1, 0)) };
}

/** The days of a period, as seen from a day. */
export function periodOf(name: PeriodName, today: string): { first: string; last: string } {
  const at = new Date(msOf(today));
  const monday = shifted(today, -((at.getUTCDay() + 6) % 7));
  const [year, month] = [at.getUTCFullYear(), at.getUTCMonth()];
  switch (name) {
    case "week":
      return { first: monday, last: shifted(monday, 6) };
    case "lastWeek":
      return { first: shifted(monday, -7), last: shifted(monday, -1) };
    case "month":
      return monthOf(year, month);
    case "lastMonth":
      return monthOf(year, month - 1);
    case "year":
      return { first: `${year}-01-01`, last: `${year}-12-31` };
  }
}

/** How long the parts of a trend are, so that there are some twenty of them. */
export function stepOf({ first, last }: Pick<Asked, "first" | "last">): "day" | "week" | "month" {
  const days = (msOf(last) - msOf(first)) / DAY_MS + 1;
  if (days <= 31) return "day";
  return days <= 200 ? "week" : "month";
}

export function queryOf({ grid, first, last }: Asked, more: Record<string, string> = {}): string {
  return new URLSearchParams({ first, last, ...(grid === null ? {} : { grid }), ...more }).toString();
}

/** A value as people read it: a share as per cent, a ratio as a number; nothing where nothing was counted. */
export function shown(value: number | null | undefined, unit: Indicator["unit"], locale: string): string {
  if (value === null || value === undefined) return "–";
  const form = unit === "share" ? ({ style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 } as const) : { maximumFractionDigits: 1 };
  return new Intl.NumberFormat(locale === "zh" ? "zh-CN" : "en-GB", form).format(value);
}

export const figureOf = (sheet: Sheet | undefined, id: string): Figure | undefined => sheet?.figures.find(({ indicator }) => indicator === id);

export type Trend = "better" | "worse" | "same";

/** Against the time before; null where there is nothing to compare. Half a point is no change. */
export function trendOf(now: number | null | undefined, before: number | null | undefined, indicator: Pick<Indicator, "more_is_better" | "unit">): Trend | null {
  if (now === null || now === undefined || before === null || before === undefined) return null;
  const moved = now - before;
  if (Math.abs(moved) < (indicator.unit === "share" ? 0.005 : 0.05)) return "same";
  return moved > 0 === indicator.more_is_better ? "better" : "worse";
}

/** Whether it misses what peers aim at; null where nothing is established or nothing was counted. */
export function misses(value: number | null | undefined, { target, more_is_better }: Pick<Indicator, "target" | "more_is_better">): boolean | null {
  if (target === null || value === null || value === undefined) return null;
  return more_is_better ? value < target : value > target;
}

/** Seconds in the two largest units. */
export function lasted(seconds: number | null | undefined): { unit: "s" | "min" | "h" | "d"; n: number; rest: number } | null {
  if (seconds === null || seconds === undefined) return null;
  const whole = Math.round(seconds);
  if (whole < 60) return { unit: "s", n: whole, rest: 0 };
  if (whole < 3600) return { unit: "min", n: Math.floor(whole / 60), rest: whole % 60 };
  if (whole < 86_400) return { unit: "h", n: Math.floor(whole / 3600), rest: Math.floor((whole % 3600) / 60) };
  return { unit: "d", n: Math.floor(whole / 86_400), rest: Math.floor((whole % 86_400) / 3600) };
}
