/**
 * What a person decides, sent with the version it was decided on. An alert that lives changes by
 * itself every few seconds: only what another person did meanwhile is a conflict.
 */
import { ask, hub, request, type Answer, type Problem } from "@/api/client";
import { session } from "@/api/session";

import type { Alert, Story, Verdict } from "./alert";

type Move = Story["log"][number];

export type Outcome =
  | { kind: "done"; alert: Alert }
  | { kind: "conflict"; by: Move }
  | { kind: "refused"; problem: Problem };

export type Step =
  | { path: "acknowledge"; body: object }
  | { path: "verdict"; body: { verdict: Verdict } }
  | { path: "merge"; body: { into: string } }
  | { path: "unmerge"; body: object };

const HUB = "hub";
const TRIES = 4;
/** Codes that say that somebody else was quicker. */
const OVERTAKEN = ["stale_version", "already_judged", "already_acknowledged", "merged", "not_merged"];

interface Calls {
  post: (alertId: string, step: Step, version: number) => Promise<Answer<Alert>>;
  story: (alertId: string) => Promise<Answer<Story>>;
}

const CALLS: Calls = {
  // Kept alive: a decision made just before the window is closed still arrives.
  post: (alertId, step, version) =>
    request<Alert>(`/api/v1/alerts/${encodeURIComponent(alertId)}/${step.path}`, {
      method: "POST",
      keepalive: true,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...step.body, version }),
    }),
  story: (alertId) =>
    ask(hub.GET("/api/v1/alerts/{alert_id}/story", { params: { path: { alert_id: alertId } } })),
};

/** Send a decision on `alert` as it was seen. */
export async function decide(alert: Alert, step: Step, calls: Calls = CALLS): Promise<Outcome> {
  let version = alert.version;
  for (let tries = 1; ; tries += 1) {
    const answer = await calls.post(alert.id, step, version);
    if (answer.kind === "ok") return { kind: "done", alert: answer.value };
    const problem = answer.kind === "error" ? answer.problem : ABORTED;
    if (!OVERTAKEN.includes(problem.code)) return { kind: "refused", problem };
    const story = await calls.story(alert.id);
    if (story.kind !== "ok") return { kind: "refused", problem };
    // Only a stale version says how much we had seen; the other codes name what somebody has done.
    const seen = problem.code === "stale_version" ? alert.version : 0;
    const by = story.value.log.findLast((move) => move.version > seen && move.actor !== HUB && !isOurs(move, step));
    if (by) return { kind: "conflict", by };
    if (problem.code !== "stale_version" || tries === TRIES) return { kind: "refused", problem };
    version = story.value.alert.version;
  }
}

/** Who judges what they have just acknowledged was not quicker than themselves. */
function isOurs({ actor, what }: Move, step: Step): boolean {
  return actor === session.me?.name && what.startsWith("acknowledge") && step.path !== "acknowledge";
}

const ABORTED: Problem = { status: 0, code: "aborted", title: "aborted", detail: "", errors: [] };
