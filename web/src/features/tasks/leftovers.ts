/** What was begun on this phone for a task that will never be this worker's again. */
import type { Answer } from "@/api/client";

import { keepNote, notesOf } from "./note";
import type { Item } from "./outbox";
import type { Task } from "./types";

/** So many questions at most, at one opening. */
const LOOKS_MAX = 20;

/** Void, or finished by somebody else: no word and no photo of `by` is taken for it any more. */
export function isLost(task: Pick<Task, "state" | "assignee">, by: string): boolean {
  return task.state === "void" || (task.state === "done" && task.assignee !== by);
}

/**
 * Drop the notes of lost tasks and answer with the keys of their photo drafts. A task that is not
 * `listed` is asked for: only the hub's word that it is lost, or that there is none, counts.
 */
export async function sweep(
  by: string,
  items: readonly Item[],
  listed: readonly Task[],
  look: (taskId: string) => Promise<Answer<Task>>,
): Promise<string[]> {
  const drafts = items.filter((item) => item.by === by && item.state === "draft");
  const begun = [...new Set([...drafts.map((item) => item.taskId), ...notesOf(by)])];
  const found = listed.filter((task) => begun.includes(task.id));
  const lost = new Set(found.filter((task) => isLost(task, by)).map((task) => task.id));
  const unknown = begun.filter((id) => !found.some((task) => task.id === id));
  for (const id of unknown.slice(0, LOOKS_MAX)) {
    const answer = await look(id);
    if (answer.kind === "ok" ? isLost(answer.value, by) : isMissing(answer)) lost.add(id);
  }
  for (const id of lost) keepNote(by, id, "");
  return drafts.filter((item) => lost.has(item.taskId)).map((item) => item.key);
}

const isMissing = (answer: Answer<unknown>): boolean => answer.kind === "error" && answer.problem.status === 404;
