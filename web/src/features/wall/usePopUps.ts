/** The alerts that pop up on this window, until somebody acknowledges them. */
import { computed, onScopeDispose, ref, shallowRef } from "vue";

import type { Problem } from "@/api/client";

import { acknowledge } from "./data";
import { useStanding } from "./useStanding";
import { useWaiting } from "./useWaiting";

const LOCK = "hub.wall.popups";
/** A refusal is read by then; the alert itself stands there again. */
export const TOLD_MS = 8_000;

/** Of the windows that can be seen one shows the alerts; when it is hidden or closed, the next one does. */
export function useFirst() {
  const first = ref(!navigator.locks);
  let turn = new AbortController();
  let letGo = (): void => undefined;

  function leave(): void {
    turn.abort();
    letGo();
    first.value = !navigator.locks;
  }

  function queue(): void {
    leave();
    if (document.visibilityState === "hidden") return;
    const mine = (turn = new AbortController());
    const held = () =>
      new Promise<void>((resolve) => {
        if (mine.signal.aborted) return resolve();
        first.value = true;
        letGo = resolve;
      });
    navigator.locks?.request(LOCK, { signal: mine.signal }, held).catch(() => undefined); // called off by `leave`
  }

  queue();
  document.addEventListener("visibilitychange", queue);
  onScopeDispose(() => {
    document.removeEventListener("visibilitychange", queue);
    leave();
  });
  return first;
}

export function usePopUps() {
  const waiting = useWaiting();
  const acking = shallowRef<ReadonlySet<string>>(new Set());
  const problem = shallowRef<Problem | null>(null);
  const list = computed(() => waiting.list.value.filter(({ id }) => !acking.value.has(id)));

  let forget: ReturnType<typeof setTimeout> | undefined;
  onScopeDispose(() => clearTimeout(forget));

  function tell(refused: Problem | null): void {
    clearTimeout(forget);
    problem.value = refused;
    if (refused) forget = setTimeout(() => (problem.value = null), TOLD_MS);
  }

  /** Away at once; refused by the hub, it comes back. */
  async function ack(id: string): Promise<void> {
    acking.value = new Set(acking.value).add(id);
    const answer = await acknowledge(id);
    // Somebody else was quicker: that is what was wanted.
    const done = answer.kind === "error" && answer.problem.code === "already_acknowledged";
    tell(answer.kind === "error" && !done ? answer.problem : null);
    if (answer.kind === "ok") waiting.hear(answer.value);
    if (done) waiting.drop(id);
    acking.value = new Set([...acking.value].filter((each) => each !== id));
  }

  const whole = computed(() => waiting.waiting.value.cut === null);
  return { first: useFirst(), list, whole, unread: waiting.unread, problem, standing: useStanding(list), ack };
}
