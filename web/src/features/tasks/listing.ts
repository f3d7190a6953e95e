/** Lists of tasks as the hub tells them, page by page. */
import { asProblem, limit, request, type Answer, type Problem } from "@/api/client";

import type { Task } from "./types";

interface Page {
  items: Task[];
  next: string | null;
}

const PAGES_MAX = 5;
const PAGE_MS = 30_000;

export const problemOf = (answer: Exclude<Answer<unknown>, { kind: "ok" }>): Problem =>
  answer.kind === "error" ? answer.problem : asProblem(null);

/** All pages of a list, as far as they are told; `off` calls it off. */
export async function pages(path: string, off: AbortSignal): Promise<{ found: Task[]; problem?: Problem }> {
  const found: Task[] = [];
  let after: string | null = null;
  for (let page = 0; page < PAGES_MAX; page++) {
    const answer: Answer<Page> = await request<Page>(path + (after ? `&after=${encodeURIComponent(after)}` : ""), {
      signal: limit(PAGE_MS, off),
    });
    if (answer.kind !== "ok") return { found, problem: problemOf(answer) };
    found.push(...answer.value.items);
    after = answer.value.next ?? null;
    if (!after) break;
  }
  return { found };
}
