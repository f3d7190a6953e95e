/** In which order tasks stand, and what is shown of each. */
import { deadline, type Deadline } from "./clock";
import { distanceM } from "./geo";
import { stateOf, takesOver, type Item } from "./outbox";
import type { LonLat, Task, TaskState } from "./types";

export type Order = "clock" | "distance";

export interface Line {
  task: Task;
  state: TaskState;
  due: Deadline | null;
  /** Metres, where both places are known. */
  away: number | null;
  /** Somebody else has said that they go there. */
  taken: boolean;
}

export function lineOf(task: Task, items: readonly Item[], me: string, here: LonLat | null, now: number): Line {
  const state = stateOf(task, items, me);
  const at = task.brief.position;
  return {
    task,
    state,
    due: deadline(state, task.brief.due, task.created_at, now),
    away: here && at ? distanceM(here, at) : null,
    taken: task.assignee !== null && task.assignee !== me && !takesOver(task, items, me),
  };
}

export const isOpen = (line: Line): boolean => line.state !== "done" && line.state !== "void";

/**
 * By clock: what is due first, the graver first among equals. By distance: the nearest first, those
 * of unknown place at the end by clock. What somebody else has taken stands after all others.
 */
export function inOrder(lines: readonly Line[], order: Order): Line[] {
  const byClock = (a: Line, b: Line): number =>
    (a.due?.at ?? Infinity) - (b.due?.at ?? Infinity) ||
    a.task.brief.severity.localeCompare(b.task.brief.severity) ||
    a.task.id.localeCompare(b.task.id);
  const byDistance = (a: Line, b: Line): number => {
    if (a.away === null || b.away === null) return Number(a.away === null) - Number(b.away === null) || byClock(a, b);
    return a.away - b.away || byClock(a, b);
  };
  const within = order === "clock" ? byClock : byDistance;
  return [...lines].sort((a, b) => Number(a.taken) - Number(b.taken) || within(a, b));
}
