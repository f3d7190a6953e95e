/** The live list: pages of the hub, the change feed, and what was decided here but not yet sent. */
import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from "vue";

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
  const problem = ref<Problem | null>(null);
  /** Decisions under way, by id: shown over what the hub says. */
  const decided = shallowRef<ReadonlyMap<string, Partial<Alert>>>(new Map());
  let next: string | null = null;
  let running: AbortController | null = null;
  let told: Alert[] = [];
  let soon: ReturnType<typeof setTimeout> | undefined;

  const compare = computed(() => compareBy(orderOf(filters.value)));
  const terms = (): Terms => ({
    busy: busy.value,
    wants: (alert) => wants(filters.value, { ...alert, ...decided.value.get(alert.id) }),
    compare: compare.value,
  });

  async function more(): Promise<void> {
    if (running || listed.value.whole) return;
    const call = (running = new AbortController());
    loading.value = true;
    const query = { ...asked(filters.value), limit: PAGE, ...(next ? { after: next } : {}) };
    const answer = await ask(hub.GET("/api/v1/alerts", { params: { query }, signal: call.signal }));
    if (running !== call) return;
    running = null;
    loading.value = false;
    if (answer.kind === "error") problem.value = answer.problem;
    if (answer.kind !== "ok") return;
    problem.value = null;
    next = answer.value.next ?? null;
    listed.value = append(listed.value, answer.value.items, next === null, compare.value);
  }

  function reload(): void {
    running?.abort();
    running = null;
    next = null;
    told = [];
    listed.value = NONE;
    void more();
  }

  function hear(alert: Alert): void {
    told.push(alert);
    soon ??= setTimeout(() => {
      soon = undefined;
      listed.value = take(listed.value, told, terms());
      told = [];
    }, TOGETHER_MS);
  }

  /** What the hub answered to a decision made here: at once. */
  function put(alert: Alert): void {
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
  onScopeDispose(feed.whenReset(reload));
  onScopeDispose(() => {
    clearTimeout(soon);
    running?.abort();
  });
  watch(busy, (now) => !now && release());
  watch(filters, reload, { immediate: true });

  const rows = computed<readonly Alert[]>(() => {
    if (decided.value.size === 0) return listed.value.rows;
    return listed.value.rows.map((row) => ({ ...row, ...decided.value.get(row.id) }));
  });
  const held = computed(() => [...listed.value.held.values()]);
  const whole = computed(() => listed.value.whole);

  return { rows, held, whole, loading, problem, more, reload, release, put, show };
}
