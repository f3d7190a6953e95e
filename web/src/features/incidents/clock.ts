/** Which deadline of an incident counts now, and how near it is. Pure. */
import type { Incident, State } from "./types";

export type Step = "accept" | "on_scene" | "handle";
export type Pressure = "calm" | "soon" | "late";

export interface Clock {
  step: Step;
  /** ms since 1970. */
  at: number;
  /** ms to go; below 0 is over it. */
  leftMs: number;
  pressure: Pressure;
}

type Timed = Pick<Incident, "state" | "due" | "opened_at">;

/** Yellow once this share of the time is gone. */
export const YELLOW = 0.8;

/** The next deadline, null where nothing is due any more. */
export function clockOf(incident: Timed, now: number): Clock | null {
  const step = stepOf(incident.state, incident.due.on_scene_by);
  const text = step && { accept: incident.due.accept_by, on_scene: incident.due.on_scene_by, handle: incident.due.handle_by }[step];
  if (!step || !text) return null;
  const at = Date.parse(text);
  return { step, at, leftMs: at - now, pressure: pressureOf(Date.parse(incident.opened_at), at, now) };
}

/** Red when it is due, yellow after 80 % of the way there. */
export function pressureOf(since: number, at: number, now: number): Pressure {
  if (now >= at) return "late";
  return now >= since + (at - since) * YELLOW ? "soon" : "calm";
}

const HOUR_MS = 3_600_000;

/** In which unit a span is told; hours up to two days, as nobody plans by the day before. */
export function spanOf(ms: number): { unit: "min" | "h" | "d"; n: number } {
  if (ms < HOUR_MS) return { unit: "min", n: Math.floor(ms / 60_000) };
  const h = Math.floor(ms / HOUR_MS);
  return h < 48 ? { unit: "h", n: h } : { unit: "d", n: Math.floor(h / 24) };
}

function stepOf(state: State, onSceneBy: string | null): Step | null {
  switch (state) {
    case "reported":
    case "triaged":
    case "filed":
    case "returned":
    case "dispatched":
    case "rework":
      return "accept";
    case "accepted":
    case "on_way":
      return onSceneBy ? "on_scene" : "handle";
    case "on_scene":
    case "suspended":
      return "handle";
    default:
      return null;
  }
}
