/** Where the alerts stand on the screen, so that no click lands on another one than was meant. */
import { computed, onScopeDispose, shallowReactive, shallowRef, watch, type Ref } from "vue";

import { NO_PLACES, standing, type PopUp } from "./popups";

/** Nobody aims at what appeared so lately: a click there was meant for what stood there before. */
export const SETTLE_MS = 400;
/** A place that became free under a pointer that does not move any more is given away after this. */
export const REST_MS = 3_000;

/** What holds a place: one may leave it while the other stays. */
export type Holder = "pointer" | "focus";

export function useStanding(list: Readonly<Ref<readonly PopUp[]>>) {
  const holders = shallowReactive(new Map<Holder, number>());
  const held = computed(() => [...new Set(holders.values())]);
  const places = shallowRef(NO_PLACES);
  /** Those that have stood where they are for long enough to be clicked. */
  const settled = shallowRef<ReadonlySet<string>>(new Set());
  const timers = new Set<ReturnType<typeof setTimeout>>();
  let rest: ReturnType<typeof setTimeout> | undefined;

  function after(ms: number, run: () => void): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => {
      timers.delete(timer);
      run();
    }, ms);
    timers.add(timer);
    return timer;
  }

  function settle(id: string, place: number): void {
    if (places.value[place] === id) settled.value = new Set(settled.value).add(id);
  }

  function letGo(): void {
    for (const [by, place] of holders) if (places.value[place] === null) holders.delete(by);
  }

  watch(
    [list, held],
    () => {
      const before = places.value;
      places.value = standing(before, list.value, held.value);
      settled.value = new Set([...settled.value].filter((id) => places.value.includes(id)));
      places.value.forEach((id, place) => {
        if (id !== null && id !== before[place]) after(SETTLE_MS, () => settle(id, place));
      });
      clearTimeout(rest);
      if (held.value.some((place) => places.value[place] === null)) rest = after(REST_MS, letGo);
    },
    { immediate: true, flush: "sync" },
  );

  onScopeDispose(() => timers.forEach(clearTimeout));
  const byId = computed(() => new Map(list.value.map((each) => [each.id, each])));
  return {
    /** What stands in each place, from the bottom up. */
    shown: computed(() => places.value.map((id) => (id === null ? null : (byId.value.get(id) ?? null)))),
    settled,
    held,
    /** The pointer or the focus came to a place. */
    hold: (place: number, by: Holder) => void holders.set(by, place),
    release: (place: number, by: Holder) => void (holders.get(by) === place && holders.delete(by)),
  };
}

export type Standing = ReturnType<typeof useStanding>;
