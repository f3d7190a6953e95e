/** What a task says to people, apart from the language. */
import { handovers } from "./maps";
import type { Brief } from "./types";

/** Where it is, from large to small: the grids, then the camera or sensor, then the zone. */
export function whereOf(brief: Brief): { grids: string; spot: string } {
  // Of a report the source is only who told it.
  const source = brief.rule_kind === "report" ? "" : brief.source.name || brief.source.id;
  const spot = [source, brief.place].filter(Boolean).join(" · ");
  return { grids: brief.grid_names.slice(-3).join(" › "), spot };
}

/** What somebody called it, null for an alert: that is told by its kind. */
export function reportedAs(brief: Brief): string | null {
  return brief.rule_kind === "report" && brief.rule_name !== "" ? brief.rule_name : null;
}

/** Only where a person or thing was counted. */
export function countOf(brief: Brief): number | null {
  const { count } = brief.facts;
  return typeof count === "number" && count > 1 ? count : null;
}

export function mapsOf(brief: Brief): ReturnType<typeof handovers> {
  return brief.position ? handovers(brief.position, whereOf(brief).spot || whereOf(brief).grids) : [];
}

/** Addresses of the evidence; every look is in the register with its reason. */
export function evidenceOf(id: string): { small: string; large: string; clip: string } {
  const base = `/api/v1/evidence/${encodeURIComponent(id)}`;
  return {
    small: `${base}/picture?size=small&reason=task`,
    large: `${base}/picture?reason=task`,
    clip: `${base}/clip?reason=task`,
  };
}

/** The time of day, with the day where it is not today: in the site's zone. */
export function momentOf(at: string | number, zone: string, locale: string, now: number): string {
  const tag = locale === "zh" ? "zh-CN" : "en-GB";
  const day = (when: number) => new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(when);
  const ms = new Date(at).getTime();
  const clock = new Intl.DateTimeFormat(tag, { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  if (day(ms) === day(now)) return clock.format(ms);
  return `${new Intl.DateTimeFormat(tag, { timeZone: zone, month: "short", day: "numeric" }).format(ms)} ${clock.format(ms)}`;
}
