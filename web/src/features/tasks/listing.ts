/** Lists of tasks as the hub tells them, page by page. */
import { asProblem, limit, request, type Answer, type Problem } from "@/api/client";
import type { Me } from "@/api/session";
import { FIELD } from "@/app/navigation";

import type { Task } from "./types";

interface Page {
  items: Task[];
  next: string | null;
}

const PAGES_MAX = 5;
const PAGE_MS = 30_000;

export const problemOf = (answer: Exclude<Answer<unknown>, { kind: "ok" }>): Problem =>
  answer.kind === "error" ? answer.problem : asProblem(null);

interface Told {
  found: Task[];
  /** The hub has more of them, older ones. */
  cut: boolean;
  problem?: Problem;
}

/** The pages of a list, newest first, as far as they are told; `off` calls it off. */
export async function pages(path: string, off: AbortSignal): Promise<Told> {
  const found: Task[] = [];
  let after: string | null = null;
  for (let page = 0; page < PAGES_MAX; page++) {
    const answer: Answer<Page> = await request<Page>(path + (after ? `&after=${encodeURIComponent(after)}` : ""), {
      signal: limit(PAGE_MS, off),
    });
    if (answer.kind !== "ok") return { found, cut: true, problem: problemOf(answer) };
    found.push(...answer.value.items);
    after = answer.value.next ?? null;
    if (!after) break;
  }
  return { found, cut: after !== null };
}

/** The grids where one is sent; null: not to some only. Rights of other roles say nothing of where one goes. */
export function groundsOf(me: Me | null): (string | null)[] {
  const sent = (me?.grants ?? []).filter(({ role }) => FIELD.includes(role)).map(({ grid }) => grid);
  return sent.length === 0 || sent.includes(null) ? [null] : [...new Set(sent)];
}

/** What is to be done on each of these grounds; the first that cannot be told ends it. */
export async function openTasks(grids: readonly (string | null)[], off: AbortSignal): Promise<Told> {
  const found: Task[] = [];
  let cut = false;
  for (const grid of grids) {
    const ground = grid === null ? "" : `&grid=${encodeURIComponent(grid)}`;
    const told = await pages(`/api/v1/tasks?open=true&message=false&limit=100${ground}`, off);
    found.push(...told.found);
    cut ||= told.cut;
    if (told.problem) return { found, cut, problem: told.problem };
  }
  return { found, cut };
}
