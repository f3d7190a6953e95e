/** One screen's wall: its layout (kept on this machine), its page, its tour, the selected tile. */
import { computed, onScopeDispose, ref, shallowRef, watch } from "vue";

import { clear, firstOf, fromBody, neighbour, pages, placeOf, put, resize, shown, swap, toBody, tourSeconds, type Layout, type Size } from "./layouts";
import { advance, tourState, turn, type Tour } from "./tour";

const DEFAULT_TOUR_S = 15;

export function useWall(screen: string, held: () => boolean) {
  const key = `hub.wall.${screen}`;
  const kept = localStorage.getItem(key);
  const layout = shallowRef<Layout>(fromBody(parsed(kept)));
  const untouched = ref(kept === null);
  const tour = shallowRef<Tour>({ page: 0, since: performance.now() });
  const selected = ref(0);

  const places = computed(() => shown(layout.value, tour.value.page));
  const pageCount = computed(() => pages(layout.value));
  const onWall = computed(() => new Set(layout.value.cameras.filter((camera) => camera !== null)));

  function set(next: Layout): void {
    layout.value = next;
    untouched.value = false;
    localStorage.setItem(key, JSON.stringify(toBody(next)));
  }

  watch([layout, pageCount], () => {
    if (tour.value.page >= pageCount.value) tour.value = { page: 0, since: performance.now() };
    selected.value = Math.min(selected.value, layout.value.size - 1);
  });

  const timer = setInterval(() => {
    const hold = held() || document.visibilityState === "hidden";
    tour.value = advance(tour.value, performance.now(), pageCount.value, layout.value.tourS, hold);
  }, 500);
  onScopeDispose(() => clearInterval(timer));

  const place = (tile: number) => placeOf(layout.value, tour.value.page, tile);

  return {
    layout,
    places,
    pageCount,
    onWall,
    selected,
    tourState: computed(() => tourState(pageCount.value, layout.value.tourS, held())),
    page: computed(() => tour.value.page % pageCount.value),
    set,
    /** What a screen shows that nobody has arranged yet. */
    begin(cameras: readonly string[]): void {
      if (untouched.value && cameras.length) layout.value = firstOf(cameras);
    },
    put: (tile: number, cameras: readonly string[]) => set(put(layout.value, place(tile), cameras)),
    swap: (a: number, b: number) => set(swap(layout.value, place(a), place(b))),
    clear: (tile: number) => set(clear(layout.value, place(tile))),
    resize: (size: Size) => set(resize(layout.value, size)),
    turn: (by: 1 | -1) => (tour.value = turn(tour.value, performance.now(), pageCount.value, by)),
    setTour: (s: number | null) => set({ ...layout.value, tourS: s === null ? null : tourSeconds(s) }),
    toggleTour(): void {
      this.setTour(layout.value.tourS === null ? DEFAULT_TOUR_S : null);
    },
    move: (arrow: string) => (selected.value = neighbour(layout.value.size, selected.value, arrow)),
  };
}

export type Wall = ReturnType<typeof useWall>;

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return null;
  }
}
