/** The alerts that nobody has acknowledged: loaded, kept by the feed, loaded again until that succeeds. */
import { computed, onScopeDispose, shallowRef } from "vue";

import { backoffMs } from "@/api/backoff";
import { asProblem, type Problem } from "@/api/client";
import { feed } from "@/api/feed";
import { useFeed } from "@/api/queries";

import { unackedAlerts } from "./data";
import { NOBODY, runsLow, told, without, type AlertSaid, type Waiting } from "./popups";

export function useWaiting() {
  const waiting = shallowRef<Waiting>(NOBODY);
  /** Why the list cannot be read; it may lack what was raised before this window listened. */
  const unread = shallowRef<Problem | null>(null);
  let loading = new AbortController();
  let again: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  /** What was told while the hub is being asked; null while it is not. */
  let heard: AlertSaid[] | null = null;

  async function load(): Promise<void> {
    stop();
    const mine = (loading = new AbortController());
    heard = [];
    try {
      const { items, whole } = await unackedAlerts(mine.signal);
      if (mine.signal.aborted) return;
      // What the feed told since the hub was asked may not be in its answer.
      const known: Waiting = { list: [], cut: whole ? null : (items.at(-1)?.severity ?? null) };
      waiting.value = [...items, ...(heard ?? [])].reduce(told, known);
      heard = unread.value = null;
      failures = 0;
    } catch (error) {
      if (mine.signal.aborted) return;
      unread.value = asProblem(error);
      again = setTimeout(() => void load(), backoffMs(failures++));
    }
  }

  function hear(said: AlertSaid): void {
    heard?.push(said);
    now(told(waiting.value, said));
  }

  function now(known: Waiting): void {
    waiting.value = known;
    if (heard === null && runsLow(known)) void load();
  }

  function stop(): void {
    loading.abort();
    clearTimeout(again);
  }

  useFeed("alert", (event) => hear(event.body as unknown as AlertSaid));
  onScopeDispose(feed.whenReset(() => void load()));
  onScopeDispose(stop);
  void load();
  return {
    waiting,
    list: computed(() => waiting.value.list),
    unread,
    hear,
    /** It waits no longer, whatever its story is. */
    drop: (id: string) => now(without(waiting.value, id)),
  };
}
