/** Which deadline counts now, and how it is said. */
import type { Brief, TaskState } from "./types";

export type Step = "accept" | "on_scene" | "handle";
export type Pressure = "calm" | "soon" | "late";

export interface Deadline {
  step: Step;
  /** ms since 1970. */
  at: number;
  pressure: Pressure;
  /** Whole units to go, or over it. */
  unit: "soon" | "min" | "h" | "d";
  n: number;
}

/** The next thing that is due of a task in this state, null when nothing is any more. */
export function deadline(state: TaskState, due: Brief["due"], since: string, now: number): Deadline | null {
  const found = nextStep(state, due);
  if (!found) return null;
  const [step, text] = found;
  const at = Date.parse(text);
  const left = at - now;
  // Yellow at 80 % of the time, as the desk has it.
  const whole = Math.max(0, at - Date.parse(since));
  const pressure = left <= 0 ? "late" : left <= whole * 0.2 ? "soon" : "calm";
  return { step, at, pressure, ...spell(Math.abs(left)) };
}

function nextStep(state: TaskState, due: Brief["due"]): [Step, string] | null {
  switch (state) {
    case "queued":
    case "delivered":
      return ["accept", due.accept_by];
    case "accepted":
    case "on_way":
      return due.on_scene_by ? ["on_scene", due.on_scene_by] : ["handle", due.handle_by];
    case "on_scene":
      return ["handle", due.handle_by];
    default:
      return null;
  }
}

/** The largest unit of which there are at least two, rounded so that nobody is promised too much. */
function spell(ms: number): { unit: Deadline["unit"]; n: number } {
  const min = Math.floor(ms / 60_000);
  if (min < 1) return { unit: "soon", n: 0 };
  if (min < 120) return { unit: "min", n: min };
  const h = Math.floor(min / 60);
  return h < 48 ? { unit: "h", n: h } : { unit: "d", n: Math.floor(h / 24) };
}
