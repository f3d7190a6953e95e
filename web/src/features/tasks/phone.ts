/** The phone's one outbox and its one list of tasks, shared by the pages of this feature. */
import { computed, effectScope, reactive, ref, shallowRef, watch } from "vue";

import type { Problem } from "@/api/client";
import { feed } from "@/api/feed";
import { loadSession, session } from "@/api/session";

import { freshKey } from "./key";
import { sweep } from "./leftovers";
import { groundsOf, openTasks, pages, problemOf } from "./listing";
import { alone } from "./lock";
import { keepNote, readNote } from "./note";
import { again, counts, takeBack, type Draft, type Item, type Kind, type Word } from "./outbox";
import { look, post } from "./post";
import { prefetch } from "./prefetch";
import { Sender } from "./sender";
import { fleeting, forget, recall, remember, store } from "./store";
import type { Task } from "./types";

interface Desk {
  /** `loading` until something is known, from the hub or from before. */
  state: "loading" | "ready" | "failed";
  /** When the hub was last heard, ms since 1970. */
  at: number | null;
  /** When it was last asked, ms since 1970. */
  asked: number;
  problem: Problem | null;
  /** The hub has more open tasks than are listed: older ones. */
  cut: boolean;
}

export const tasks = shallowRef<readonly Task[]>([]);
export const items = shallowRef<readonly Item[]>([]);
export const sending = ref<string | null>(null);
export const desk = reactive<Desk>({ state: "loading", at: null, asked: 0, problem: null, cut: false });

/** Whoever the phone works for: who is signed in, without a network who was. */
const remembered = ref("");
export const me = computed(() => session.me?.name ?? remembered.value);
export const unsent = computed(() => counts(items.value, me.value));
/** What is not sent is lost when the page is closed: this browser keeps nothing. */
export const unkept = computed(
  () => fleeting.value && items.value.some((item) => item.by === me.value && item.state !== "sent"),
);

const others = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("hub-outbox");

async function reread(): Promise<void> {
  items.value = await store.items();
}

async function changed(): Promise<void> {
  others?.postMessage("changed");
  await reread();
}

async function who(): Promise<string | null> {
  if (session.status === "away" || session.status === "unknown") await loadSession();
  // Until the password is changed the hub refuses everything else.
  return session.status === "in" && !session.me?.must_change ? (session.me?.name ?? null) : null;
}

const sender = new Sender({
  items: () => store.items(),
  photo: (key) => store.photo(key),
  put: (changed) => store.put(changed),
  post,
  look,
  who,
  doubt: () => session.status === "in" && void loadSession(),
  alone,
  onSending: (key) => {
    sending.value = key;
    if (key === null) soon();
  },
  onChange: () => void changed(),
  now: Date.now,
  random: Math.random,
});

function draft(by: string, taskId: string, kind: Kind, note: string, state: Draft["state"]): Draft {
  const at = new Date().toISOString();
  return { key: freshKey(), by, taskId, kind, at, note, state, tries: 0, notBefore: 0 };
}

/** Say something about a task; with "done" go the photos taken for it. */
export async function say(taskId: string, word: Word, note = ""): Promise<void> {
  const photos = word === "done" ? draftsOf(taskId).map((item) => item.key) : [];
  await store.add([draft(me.value, taskId, word, note, "queued")], photos);
  await changed();
  void sender.kick();
}

/** Keep a photo that `by` took; it is sent at once when it is `late`, and whenever "done" was said. */
export async function addPhoto(taskId: string, bytes: ArrayBuffer, late: boolean, by = me.value): Promise<void> {
  const goes = late || itemsOf(taskId, by).some((item) => item.kind === "done" && item.state !== "refused");
  await store.addPhoto({ item: draft(by, taskId, "photo", "", goes ? "queued" : "draft"), bytes });
  await changed();
  if (goes) void sender.kick();
}

function itemsOf(taskId: string, by: string): Item[] {
  return items.value.filter((item) => item.taskId === taskId && item.by === by);
}

export function draftsOf(taskId: string): Item[] {
  return itemsOf(taskId, me.value).filter((item) => item.state === "draft");
}

/** Photos of a task that is done by now, whoever said so. */
export async function sendPhotos(taskId: string): Promise<void> {
  await store.put(draftsOf(taskId).map(again));
  await changed();
  void sender.kick();
}

/** Take back what is not under way; the report is there to be written on. */
export async function revoke(key: string): Promise<void> {
  if (sending.value === key) return;
  const kept = await store.items();
  const { gone, drafts } = takeBack(kept, key);
  for (const { by, taskId, note } of kept.filter((item) => item.note && gone.includes(item.key))) {
    keepNote(by, taskId, readNote(by, taskId) || note);
  }
  await store.remove(gone, drafts);
  await changed();
  void sender.kick();
}

export async function repeat(item: Item): Promise<void> {
  await store.put([again(item)]);
  await changed();
  void sender.kick();
}

interface Question {
  /** Whose tasks are asked for, as far as that was known. */
  by: string | undefined;
  line: AbortController;
  answer: Promise<void>;
}

let asking: Question | null = null;

/** Ask the hub for my tasks; what is known stays when it does not answer. */
export function load(): Promise<void> {
  const by = session.me?.name;
  if (asking?.by !== by) hangUp();
  asking ??= questionOf(by);
  return asking.answer;
}

const EVERY_MS = 60_000;
/** By then a question that was due has been answered, or failed. */
const OLD_MS = EVERY_MS + 30_000;

/** A line that carries nothing is as quiet as one without news: only a question tells them apart. */
export function keepUp(now: number): void {
  if (document.visibilityState === "visible" && now - desk.asked >= EVERY_MS) void load();
}

/** Whether what is shown may be other than what the hub has; `online` is the machine's own word. */
export function outdated(now: number, online: boolean): boolean {
  if (desk.at === null) return false;
  return !online || desk.problem !== null || session.status === "away" || now - desk.at > OLD_MS;
}

function questionOf(by: string | undefined): Question {
  desk.asked = Date.now();
  const made: Question = { by, line: new AbortController(), answer: Promise.resolve() };
  made.answer = ask(made).finally(() => {
    if (asking === made) asking = null;
  });
  return made;
}

/** An answer to whoever was here before says nothing any more. */
function hangUp(): void {
  asking?.line.abort();
  asking = null;
}

async function ask(question: Question): Promise<void> {
  const off = question.line.signal;
  const name = await who();
  if (off.aborted) return;
  if (name === null) return fail(null);
  question.by = name;
  const open = await openTasks(groundsOf(session.me), off);
  const mine = open.problem ? open : await pages("/api/v1/tasks?mine=true&message=false&limit=20", off);
  // Whoever has left meanwhile leaves nothing here.
  if (off.aborted || session.me?.name !== name) return;
  const problem = open.problem ?? mine.problem;
  if (problem) return fail(problem);
  const all = new Map([...open.found, ...mine.found].map((task) => [task.id, task]));
  tasks.value = [...all.values()];
  Object.assign(desk, { state: "ready", at: Date.now(), problem: null, cut: open.cut });
  remembered.value = name;
  // A phone that keeps nothing does its work as long as there is a network.
  await remember({ me: name, at: Date.now(), tasks: [...all.values()], cut: open.cut }).catch(() => undefined);
  void prefetch(open.found);
  void tidyUp(name).catch(() => undefined);
}

let tidied: string | undefined;

/** Once for everybody who comes to this window: what was begun for tasks that are gone for good. */
async function tidyUp(name: string): Promise<void> {
  if (tidied === name) return;
  tidied = name;
  const gone = await sweep(name, await store.items(), tasks.value, look);
  if (gone.length) await store.remove(gone).then(changed);
}

function fail(problem: Problem | null): void {
  desk.problem = problem;
  if (desk.state === "loading") desk.state = "failed";
}

/** A task that is not in the list, or what kept the hub from telling it. */
export async function fetchOne(id: string): Promise<Task | Problem> {
  const answer = await look(id);
  return answer.kind === "ok" ? answer.value : problemOf(answer);
}

let waiting: ReturnType<typeof setTimeout> | undefined;

/** Load soon: a burst of news is one question. */
function soon(): void {
  waiting ??= setTimeout(() => {
    waiting = undefined;
    void load();
  }, 800);
}

async function recalled(): Promise<void> {
  const heard = await recall();
  if (!heard || session.status === "out") return;
  if (session.me && session.me.name !== heard.me) return forget();
  remembered.value = heard.me;
  if (desk.state === "ready") return;
  tasks.value = heard.tasks;
  Object.assign(desk, { state: "ready", at: heard.at, cut: heard.cut ?? false });
}

let begun = false;

/** Begin, once a window, when the first of these pages is opened. */
export function begin(): void {
  if (begun) return;
  begun = true;
  effectScope(true).run(() => {
    watch(() => session.status, turned);
    watch(() => session.me?.must_change, (must) => must === false && shown());
  });
  others?.addEventListener("message", () => void reread());
  addEventListener("online", shown);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && shown());
  feed.on("task", soon);
  feed.whenReset(soon);
  feed.whenState((state) => state === "live" && desk.problem && soon());
  void navigator.storage?.persist?.();
  // A phone that keeps nothing has nothing to recall and nothing to send, and asks the hub all the same.
  void recalled()
    .catch(() => undefined)
    .then(load);
  void store
    .tidy(Date.now())
    .then(reread)
    .then(sender.kick)
    .catch(() => undefined);
}

function shown(): void {
  void sender.kick();
  soon();
}

function turned(status: typeof session.status): void {
  if (status === "in") shown();
  if (status === "out") clear();
}

function clear(): void {
  hangUp();
  tasks.value = [];
  remembered.value = "";
  Object.assign(desk, { state: "loading", at: null, problem: null, cut: false });
}
