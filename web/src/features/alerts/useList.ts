/** The live list: pages of the hub, the change feed, and what was decided here but not yet sent. */
import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from "vue";

import { backoffMs } from "@/api/backoff";
import { ask, hub, type Problem } from "@/api/client";
import { feed } from "@/api/feed";
import { useFeed } from "@/api/queries";

import { fromFeed, type Alert } from "./alert";
import { asked, orderOf, wants, type Filters } from "./filters";
import { append, NONE, settle, take, type Listed, type Terms } from "./gather";
import { compareBy } from "./order";

const PAGE = 200;
/** Changes are put into the list together, so that a burst of hundreds costs one rendering. */
const TOGETHER_MS = 120;

export function useList(filters: Ref<Filters>, busy: Ref<boolean>) {
  const listed = shallowRef<Listed>(NONE);
  const loading = ref(false);
  /** Why the next page did not come; what was loaded stays. */
  const problem = shallowRef<Problem | null>(null);
  /** Why the list was not loaded anew: what is shown is of before. */
  const behind = shallowRef<Problem | null>(null);
  /** Decisions under way, by id: shown over what the hub says. */
  const decided = shallowRef<ReadonlyMap<string, Partial<Alert>>>(new Map());
  /** Where the next page begins. */
  let next: string | null = null;
  /** The next page is the first, which takes the place of all that was there. */
  let anew = true;
  /** The first page came while somebody worked in the list: it takes its place when they leave. */
  let overdue = false;
  let running: AbortController | null = null;
  let again: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let told: Alert[] = [];
  /** What was told while a page was on its way: the page may be older. */
  let meanwhile: Alert[] = [];
  let soon: ReturnType<typeof setTimeout> | undefined;

  const shown = (alert: Alert): Alert => {
    const change = decided.value.get(alert.id);
    return change ? { ...alert, ...change } : alert;
  };
  const compare = computed(() => compareBy(orderOf(filters.value)));
  const terms = (): Terms => ({
    busy: busy.value,
    wants: (alert) => wants(filters.value, shown(alert)),
    compare: compare.value,
  });

  /** The next page, unless it failed: then the end of the list does not ask for it again. */
  async function more(): Promise<void> {
    if (problem.value || behind.value || (listed.value.whole && !anew)) return;
    await load();
  }

  async function load(): Promise<void> {
    if (running) return;
    clearTimeout(again);
    const call = (running = new AbortController());
    loading.value = true;
    meanwhile = [];
    const query = { ...asked(filters.value), limit: PAGE, ...(next !== null && !anew ? { after: next } : {}) };
    const answer = await ask(hub.GET("/api/v1/alerts", { params: { query }, signal: call.signal }));
    if (running !== call) return;
    running = null;
    loading.value = false;
    if (answer.kind === "error") fail(answer.problem);
    if (answer.kind !== "ok") return;
    problem.value = behind.value = null;
    failures = 0;
    if (anew && busy.value && listed.value.rows.length > 0) {
      anew = false;
      overdue = true;
      listed.value = take(listed.value, [...answer.value.items, ...meanwhile], terms());
      return;
    }
    const before = anew ? NONE : listed.value;
    anew = false;
    next = answer.value.next ?? null;
    const paged = append(before, answer.value.items, next === null, compare.value);
    listed.value = take(paged, meanwhile, terms());
    if (!busy.value) release();
  }

  /** A further page waits for who wants it; the list itself is asked for until it is there. */
  function fail(why: Problem): void {
    if (anew && listed.value.rows.length > 0) behind.value = why;
    else problem.value = why;
    if (anew) again = setTimeout(() => void load(), backoffMs(failures++));
  }

  function retry(): void {
    problem.value = null;
    void load();
  }

  /** From the top. After a gap of the feed what was there stays until the hub has answered. */
  function reload(stays: Listed = NONE): void {
    running?.abort();
    running = null;
    anew = true;
    overdue = false;
    told = [];
    listed.value = stays;
    behind.value = null;
    failures = 0;
    retry();
  }

  function hear(alert: Alert): void {
    told.push(alert);
    if (running) meanwhile.push(alert);
    soon ??= setTimeout(() => {
      soon = undefined;
      listed.value = take(listed.value, told, terms());
      told = [];
    }, TOGETHER_MS);
  }

  /** What the hub answered to a decision made here: at once. */
  function put(alert: Alert): void {
    if (running) meanwhile.push(alert);
    listed.value = take(listed.value, [alert], terms());
  }

  function release(): void {
    listed.value = settle(listed.value, terms());
  }

  /** Show a decision before the hub has it; null takes it away. */
  function show(id: string, change: Partial<Alert> | null): void {
    const all = new Map(decided.value);
    if (change) all.set(id, change);
    else all.delete(id);
    decided.value = all;
    if (!busy.value) release();
  }

  useFeed("alert", (event) => hear(fromFeed(event.body)));
  onScopeDispose(feed.whenReset(() => reload(listed.value)));
  onScopeDispose(() => {
    clearTimeout(soon);
    clearTimeout(again);
    running?.abort();
  });
  watch(busy, (now) => {
    if (now) return;
    release();
    if (overdue) reload(listed.value);
  });
  watch(filters, () => reload(), { immediate: true });

  const rows = computed<readonly Alert[]>(() => (decided.value.size === 0 ? listed.value.rows : listed.value.rows.map(shown)));
  const held = computed(() => [...listed.value.held.values()]);
  const whole = computed(() => listed.value.whole);

  return { rows, held, whole, loading, problem, behind, more, retry, release, put, show };
}
