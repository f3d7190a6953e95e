/** Who is signed in in this window. The secret itself is in a cookie that no script can read. */
import { computed, reactive } from "vue";

import { asProblem, limit, onSignedOut, request, send, type Answer, type Problem } from "./client";
import { feed } from "./feed";
import { queryClient } from "./queries";
import type { components } from "./schema";

export type RoleName = components["schemas"]["Role"];
/** A right as it is held now: a role, where, for whom and when. */
export type Held = components["schemas"]["HeldOut"];

/** What is held may change by the hour: `roles`, `grants` and `actions` are those of the moment of asking. */
export interface Me {
  name: string;
  login?: string | null;
  account?: string | null;
  roles: readonly RoleName[];
  grants: readonly Held[];
  actions: readonly string[];
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

/** Whether who is signed in acts in this role now; only for what is a role's, not an action's. */
export function acts(role: RoleName): boolean {
  return session.me?.roles.includes(role) ?? false;
}

/** A line that says nothing for so long is no line. */
const LINE_MS = 30_000;
/** Nobody looks at an empty page for longer; the question itself goes on. */
const PATIENCE_MS = 5_000;

interface Question {
  answer: Promise<Answer<Me>>;
  line: AbortController;
}

/** The question under way; once somebody came or went, an answer to it says nothing any more. */
let asking: Question | null = null;

/** Ask who is signed in: at the start, after a change of the password, when the hub was away. */
export async function loadSession(): Promise<void> {
  if (leaving()) {
    leave(false);
    void endLeft();
    return;
  }
  const question = (asking ??= askWho());
  const heard = question.answer.then((answer) => asking === question && hear(answer));
  await Promise.race([heard, new Promise((late) => setTimeout(late, PATIENCE_MS))]);
  if (session.status === "unknown") session.status = "away";
}

function askWho(): Question {
  const line = new AbortController();
  return { answer: request<Me>("/api/v1/me", { signal: limit(LINE_MS, line.signal) }), line };
}

function hangUp(): void {
  asking?.line.abort();
  asking = null;
}

function hear(answer: Answer<Me>): void {
  asking = null;
  if (answer.kind === "ok") enter(answer.value);
  else if (answer.kind === "error" && [401, 403].includes(answer.problem.status)) leave(session.me !== null);
  else session.status = "away";
}

export async function signIn(login: string, password: string): Promise<Answer<Me>> {
  const problem = await endLeft();
  if (problem) return { kind: "error", problem };
  const answer = await send<Me>("POST", "/api/v1/session", { login, password });
  if (answer.kind !== "ok") return answer;
  enter(answer.value);
  // Another value each time: only a change is told to the other windows.
  localStorage.setItem(ENTERED, String(Date.now()));
  return answer;
}

/**
 * Nobody is signed in from here on, whatever the network does. No script can delete the cookie: until
 * the hub has ended its session, no page asks anything else with it.
 */
export async function signOut(): Promise<void> {
  localStorage.setItem(LEAVING, "yes");
  sayLast();
  leave(false);
  void endLeft();
}

type LastWord = () => Promise<unknown>;
const lastWords = new Set<LastWord>();
/** So long the session is kept for them. */
const LAST_WORDS_MS = 3_000;
let saying: Promise<unknown> | null = null;

/** Called when who is signed in leaves: `say` may still speak with their session. Returns how to stop. */
export function beforeSignOut(say: LastWord): () => void {
  lastWords.add(say);
  return () => lastWords.delete(say);
}

function sayLast(): void {
  if (!lastWords.size) return;
  const late = new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS));
  const said = Promise.allSettled([...lastWords].map((say) => say()));
  saying = Promise.race([said, late]).finally(() => (saying = null));
}

const LEAVING = "hub.leaving";
const ENTERED = "hub.entered";
const AGAIN_MS = 15_000;
/** So answers a hub that knows no such session. */
const REFUSED = new Set([401, 403, 404]);
let ending: Promise<Problem | null> | null = null;
let again: ReturnType<typeof setTimeout> | undefined;

/** Somebody signed out and the hub has not heard it yet. */
const leaving = (): boolean => localStorage.getItem(LEAVING) !== null;

/** End at the hub the session of whoever left; tells what kept it from that, null once none is left. */
function endLeft(): Promise<Problem | null> {
  ending ??= tellLeft().finally(() => (ending = null));
  return ending;
}

async function tellLeft(): Promise<Problem | null> {
  if (!leaving()) return null;
  if (saying) await saying;
  const init = { method: "DELETE", keepalive: true, signal: limit(LINE_MS) };
  const answer = await request("/api/v1/session", init);
  const problem = answer.kind === "error" ? answer.problem : answer.kind === "aborted" ? asProblem(null) : null;
  clearTimeout(again);
  if (problem && !REFUSED.has(problem.status)) {
    again = setTimeout(() => void endLeft(), AGAIN_MS);
    return problem;
  }
  localStorage.removeItem(LEAVING);
  return null;
}

export async function changePassword(old: string, fresh: string): Promise<Answer<unknown>> {
  return send("PUT", "/api/v1/me/password", { old, new: fresh });
}

function enter(me: Me): void {
  hangUp();
  const before = session.me;
  // Another window signed somebody else in: nothing of who was here before stays on this one.
  if (before && before.name !== me.name) return location.reload();
  session.me = me;
  session.status = "in";
  session.expired = false;
  follow(me);
  // What was refused meanwhile is asked again.
  if (before) void queryClient.invalidateQueries();
}

function follow(me: Me): void {
  if (!me.must_change && me.actions.includes("feed.read")) feed.start();
  else feed.stop();
}

/** Rights begin and end by the clock, and others give and end them: take over those of now. */
export async function renewRights(): Promise<void> {
  const before = session.me;
  if (session.status !== "in" || !before) return;
  const answer = await request<Me>("/api/v1/me", { signal: limit(LINE_MS) });
  if (answer.kind !== "ok" || session.me !== before || JSON.stringify(answer.value) === JSON.stringify(before)) return;
  enter(answer.value);
}

function leave(expired: boolean): void {
  hangUp();
  feed.stop();
  queryClient.clear();
  session.me = null;
  session.status = "out";
  session.expired = expired;
}

const DOUBT_MS = 3_000;
let doubted = false;
let brake: ReturnType<typeof setTimeout> | undefined;

/**
 * A session is over. That may be the one before: a browser has one for all its windows, and each
 * sign-in ends it for a newer one. Only who is not known by the newest cookie either has to leave.
 */
function ended(): void {
  if (session.status !== "in") return;
  doubted = true;
  if (!brake) reconsider();
}

/** Lines that are refused all the same come back at once: they must not ask in a circle. */
function reconsider(): void {
  brake = undefined;
  if (!doubted || session.status !== "in") return;
  doubted = false;
  brake = setTimeout(reconsider, DOUBT_MS);
  void loadSession();
}

onSignedOut(ended);
feed.whenSignedOut(ended);

addEventListener("online", () => {
  if (leaving()) void endLeft();
  if (session.status !== "away") return;
  // What was asked of the network before is lost with it.
  hangUp();
  void loadSession();
});

// What somebody does in another window holds for this one: who signs out has told the hub or will,
// and who signed in has a newer cookie than what is being asked.
addEventListener("storage", ({ key, newValue }) => {
  if (newValue === null) return;
  if (key === LEAVING && session.status !== "out") {
    sayLast();
    leave(false);
  }
  if (key !== ENTERED) return;
  hangUp();
  void loadSession();
});
