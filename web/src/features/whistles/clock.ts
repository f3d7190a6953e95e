/** Which deadline of a whistle counts now, how near it is, and the order that follows. Pure. */
import { pressureOf, type Pressure } from "@/features/incidents/clock";

import type { Whistle } from "./types";

export type Step = "sign" | "contact" | "report";

export interface Clock {
  step: Step;
  /** ms since 1970. */
  at: number;
  /** ms to go; below 0 is over it. */
  leftMs: number;
  pressure: Pressure;
}

type Timed = Pick<Whistle, "state" | "called_at" | "sign_by" | "contact_by" | "report_by"> & Partial<Pick<Whistle, "sign_soon" | "contact_soon" | "report_soon">>;

const STEPS: Partial<Record<Whistle["state"], Step>> = { called: "sign", signed: "contact", contacted: "report", sent_back: "report" };

/** The next deadline; null where the department has nothing to do. */
export function clockOf(whistle: Timed, now: number): Clock | null {
  const step = STEPS[whistle.state];
  if (!step) return null;
  const at = Date.parse({ sign: whistle.sign_by, contact: whistle.contact_by, report: whistle.report_by }[step]);
  return { step, at, leftMs: at - now, pressure: pressed(whistle, step, at, now) };
}

/** Yellow when the hub says so too (four fifths of the work time); of older ones, of the time by the wall. */
function pressed(whistle: Timed, step: Step, at: number, now: number): Pressure {
  const soon = { sign: whistle.sign_soon, contact: whistle.contact_soon, report: whistle.report_soon }[step];
  if (!soon) return pressureOf(Date.parse(whistle.called_at), at, now);
  if (now >= at) return "late";
  return now >= Date.parse(soon) ? "soon" : "calm";
}

/** Those that wait for somebody by their clock, the most urgent first; the rest by what changed last. */
export function byClock<T extends Timed & Pick<Whistle, "id" | "updated_at">>(whistles: readonly T[]): T[] {
  const at = (each: T): number => clockOf(each, 0)?.at ?? Number.POSITIVE_INFINITY;
  return whistles.toSorted((a, b) => at(a) - at(b) || Date.parse(b.updated_at) - Date.parse(a.updated_at) || a.id.localeCompare(b.id));
}
