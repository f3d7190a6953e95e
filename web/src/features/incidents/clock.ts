/** Which deadline of an incident counts now, and how near it is. Pure. */
import type { Incident, Level, RunningClock, State } from "./types";

export type Step = RunningClock["step"];
/** `grave`: somebody above has to answer for it. */
export type Pressure = "calm" | "soon" | "late" | "grave";

export interface Clock {
  step: Step;
  /** ms since 1970. */
  at: number;
  /** ms to go; below 0 is over it. */
  leftMs: number;
  pressure: Pressure;
  /** It stands still. */
  held?: boolean;
}

type Timed = Pick<Incident, "state" | "due" | "opened_at" | "clocks">;

const PRESSURE: Record<Level, Pressure> = { yellow: "soon", red: "late", climb: "grave", supervision: "grave", leader: "grave" };

/** As the hub tells it: which level is reached when; here it is only counted on. */
export function counted({ step, due_at, level, levels, held }: RunningClock, now: number): Clock {
  const at = Date.parse(due_at);
  const passed = levels.filter((each) => Date.parse(each.at) <= now).at(-1)?.level ?? null;
  // A climb has no time of its own: it stands as it was told.
  const reached = held || level === "climb" || (level === "leader" && !levels.some((each) => each.level === "leader")) ? level : passed;
  return { step, at, leftMs: at - now, pressure: reached ? PRESSURE[reached] : "calm", held };
}

/** Yellow once this share of the time is gone. */
export const YELLOW = 0.8;

/** The next deadline, null where nothing is due any more. */
export function clockOf(incident: Timed, now: number): Clock | null {
  const [first] = incident.clocks ?? [];
  if (incident.clocks) return first ? counted(first, now) : null;
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

function stepOf(state: State, onSceneBy: string | null): "accept" | "on_scene" | "handle" | null {
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
