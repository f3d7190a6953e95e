/** Who is signed in in this window. The secret itself is in a cookie that no script can read. */
import { computed, reactive } from "vue";

import { onSignedOut, request, send, type Answer } from "./client";
import { feed } from "./feed";
import { queryClient } from "./queries";

export type RoleName = "admin" | "operator" | "worker" | "centre";

export interface Me {
  name: string;
  role: RoleName;
  login?: string | null;
  grid_code?: string | null;
  actions: string[];
  must_change: boolean;
}

interface Session {
  /** `unknown` until the hub has been asked, `away` when it did not answer. */
  status: "unknown" | "in" | "out" | "away";
  me: Me | null;
  /** The session ended by itself; the login page says so. */
  expired: boolean;
}

export const session = reactive<Session>({ status: "unknown", me: null, expired: false });

export const me = computed(() => session.me);

/** Whether whoever is signed in may do this (the names of hub/access/actions.py). */
export function can(action: string): boolean {
  return session.me?.actions.includes(action) ?? false;
}

const ASK_MS = 5_000;

/** Ask who is signed in: at the start, after a change of the password, when the hub was away. */
export async function loadSession(): Promise<void> {
  const answer = await request<Me>("/api/v1/me", { signal: AbortSignal.timeout(ASK_MS) });
  if (answer.kind === "ok") enter(answer.value);
  else if (answer.kind === "error" && [401, 403].includes(answer.problem.status)) leave(false);
  else session.status = "away";
}

export async function signIn(login: string, password: string): Promise<Answer<Me>> {
  const answer = await send<Me>("POST", "/api/v1/session", { login, password });
  if (answer.kind === "ok") enter(answer.value);
  return answer;
}

export async function signOut(): Promise<void> {
  await send("DELETE", "/api/v1/session");
  leave(false);
}

export async function changePassword(old: string, fresh: string): Promise<Answer<unknown>> {
  return send("PUT", "/api/v1/me/password", { old, new: fresh });
}

/** Where somebody begins. */
export function homeOf(role: RoleName): string {
  return role === "worker" ? "/tasks" : "/wall";
}

function enter(me: Me): void {
  session.me = me;
  session.status = "in";
  session.expired = false;
  if (!me.must_change) feed.start();
}

function leave(expired: boolean): void {
  feed.stop();
  queryClient.clear();
  session.me = null;
  session.status = "out";
  session.expired = expired;
}

function ended(): void {
  if (session.status === "in") leave(true);
}

onSignedOut(ended);
feed.whenSignedOut(ended);
