/**
 * What was said and is to be sent: pure. Everything goes into the outbox first, with a key of its own
 * that makes a repeat harmless.
 *
 * Words go before photos: on a slow network the centre hears "done" in a second, and the hub adds
 * the photos to the task as they come. Words of one task keep their order; where one is refused,
 * those after it wait for the worker, other tasks go on.
 */
import type { Answer, Problem } from "@/api/client";
import { backoffMs } from "@/api/backoff";

import type { Task, TaskState } from "./types";

export const WORDS = ["accept", "take_over", "on_way", "on_scene", "done"] as const;
export type Word = (typeof WORDS)[number];
export type Kind = Word | "photo";

export interface Draft {
  key: string;
  /** Whose word it is: only this account sends it. */
  by: string;
  taskId: string;
  kind: Kind;
  /** When it was said, by this phone, ISO 8601; "" leaves it to the hub. */
  at: string;
  note: string;
  /** `draft`: a photo that waits for the worker to say "done". */
  state: "draft" | "queued" | "sent" | "refused";
  tries: number;
  /** ms since 1970. */
  notBefore: number;
  refusal?: Pick<Problem, "status" | "code" | "detail">;
}

export interface Item extends Draft {
  /** Order of the whole outbox, given by the store. */
  seq: number;
}

export interface Turn {
  item?: Item;
  /** Until something may be sent; left out: nothing waits for a time. */
  waitMs?: number;
}

const isWord = (item: Draft): boolean => item.kind !== "photo";
const inOrder = (items: readonly Item[]): Item[] => [...items].sort((a, b) => a.seq - b.seq);

/** What this account sends next. */
export function nextTurn(items: readonly Item[], by: string, now: number): Turn {
  const mine = inOrder(items.filter((item) => item.by === by));
  const held = new Set<string>();
  const ready: Item[] = [];
  for (const item of mine.filter(isWord)) {
    if (item.state === "sent" || held.has(item.taskId)) continue;
    held.add(item.taskId);
    if (item.state === "queued") ready.push(item);
  }
  ready.push(...mine.filter((item) => !isWord(item) && item.state === "queued" && !held.has(item.taskId)));
  const item = ready.find((each) => each.notBefore <= now);
  if (item) return { item };
  return ready.length ? { waitMs: Math.min(...ready.map((each) => each.notBefore)) - now } : {};
}

export interface Outcome {
  item: Item;
  /** Nothing of this account gets through: `network` until it is back, `session` until who is signed in has changed. */
  stop?: "network" | "session";
}

const LATER = new Set([408, 425, 429]);
/** Not the word is at fault but who is signed in: somebody else, or one whose password is to be changed first. */
const WHO = new Set(["other_account", "must_change"]);

/** What an answer means for the item it answers. */
export function settle(item: Item, answer: Answer<unknown>, now: number, random: () => number): Outcome {
  if (answer.kind === "ok") return { item: sent(item) };
  if (answer.kind === "aborted" || answer.problem.status === 0) return { item, stop: "network" };
  const { status, code, detail, retryAfterS } = answer.problem;
  if (status === 401 || WHO.has(code)) return { item, stop: "session" };
  if (status >= 500 || LATER.has(status)) {
    const pauseMs = Math.max((retryAfterS ?? 0) * 1000, backoffMs(item.tries + 1, random));
    return { item: { ...item, tries: item.tries + 1, notBefore: now + pauseMs } };
  }
  // This phone's clock is wrong: the hub's own time is as good.
  if (code === "bad_time" && item.at) return { item: { ...item, at: "" } };
  return { item: { ...item, state: "refused", refusal: { status, code, detail } } };
}

export function sent(item: Item): Item {
  return { ...item, state: "sent" };
}

const RANK: Record<TaskState, number> = {
  queued: 0,
  delivered: 0,
  accepted: 1,
  on_way: 2,
  on_scene: 3,
  done: 4,
  void: 9,
};
const GOAL: Record<Word, TaskState> = { accept: "accepted", take_over: "accepted", on_way: "on_way", on_scene: "on_scene", done: "done" };

/** Refused, but only because it is so already: said from another phone, or by the desk for us. */
export function alreadySo(item: Item, task: Pick<Task, "state" | "assignee">): boolean {
  if (item.kind === "photo" || task.state === "void" || task.assignee !== item.by) return false;
  return RANK[task.state] >= RANK[GOAL[item.kind]];
}

/** Whether this worker has said that they go there instead of another, and the hub has not heard it yet. */
export function takesOver(task: Pick<Task, "id">, items: readonly Item[], by: string): boolean {
  return items.some((item) => item.taskId === task.id && item.by === by && item.kind === "take_over" && item.state === "queued");
}

/** The state of a task as this worker sees it: what the hub knows and what they said since. */
export function stateOf(task: Task, items: readonly Item[], by: string): TaskState {
  if (task.state === "void") return task.state;
  const mine = inOrder(items).filter((item) => item.taskId === task.id && item.by === by && item.kind !== "photo");
  // What was said before another went there, and then they again, is over.
  const since = mine.findLastIndex((item) => item.kind === "take_over" && item.state !== "refused");
  let state: TaskState = takesOver(task, items, by) ? "accepted" : task.state;
  for (const item of mine.slice(Math.max(0, since))) {
    if (item.state === "refused") break;
    const goal = GOAL[item.kind as Word];
    if (RANK[goal] > RANK[state]) state = goal;
  }
  return state;
}

/** Taking back a word takes back those after it; its photos become drafts again. */
export function takeBack(items: readonly Item[], key: string): { gone: string[]; drafts: Item[] } {
  const word = items.find((item) => item.key === key);
  if (!word) return { gone: [], drafts: [] };
  if (word.kind === "photo") return { gone: [key], drafts: [] };
  const unsent = items.filter((item) => item.taskId === word.taskId && item.by === word.by && item.state !== "sent");
  const later = unsent.filter((item) => isWord(item) && item.seq >= word.seq);
  const photos = unsent.filter((item) => !isWord(item) && item.state === "queued");
  return {
    gone: later.map((item) => item.key),
    drafts: photos.map((item) => ({ ...item, state: "draft", tries: 0, notBefore: 0 })),
  };
}

/** Sent again by the worker's wish, under the same key. */
export function again(item: Item): Item {
  return { ...item, state: "queued", tries: 0, notBefore: 0, refusal: undefined };
}

export interface Counts {
  waiting: number;
  refused: number;
}

export function counts(items: readonly Item[], by: string): Counts {
  const mine = items.filter((item) => item.by === by);
  const count = (state: Item["state"]) => mine.filter((item) => item.state === state).length;
  return { waiting: count("queued"), refused: count("refused") };
}
