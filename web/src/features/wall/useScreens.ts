/** The screens of this wall that are open in this browser, and the opening of another one. */
import { computed, onScopeDispose, ref, shallowRef } from "vue";

const LOOK_MS = 2_000;
const lockOf = (screen: number): string => `hub.wall.screen.${screen}`;

/** The lowest number from 2 on that is not taken; 1 is the wall with the navigation. */
export function freeScreen(taken: ReadonlySet<number>): number {
  let screen = 2;
  while (taken.has(screen)) screen++;
  return screen;
}

export function useScreens(own: number) {
  /** As their windows hold them; a page without a secure origin has no locks, and knows only its own. */
  const held = shallowRef<ReadonlySet<number>>(new Set());
  const opened = new Map<number, Window>();
  const looks = ref(0);
  const gone = new AbortController();
  let letGo = (): void => undefined;

  const next = computed(() => {
    void looks.value; // whether a window is closed tells nobody
    const ours = [...opened].flatMap(([screen, window]) => (window.closed ? [] : [screen]));
    return freeScreen(new Set([own, ...held.value, ...ours]));
  });

  async function look(): Promise<void> {
    const locks = (await navigator.locks?.query().catch(() => undefined))?.held ?? [];
    const prefix = lockOf(0).slice(0, -1);
    held.value = new Set(locks.flatMap(({ name }) => (name?.startsWith(prefix) ? [Number(name.slice(prefix.length))] : [])));
    looks.value++;
  }

  /** Open the next screen; false when the browser does not let us. */
  function open(): boolean {
    looks.value++;
    const screen = next.value;
    const window = globalThis.open(`/wall/${screen}`, `hub-wall-${screen}`, "popup,width=1280,height=760");
    if (window) opened.set(screen, window);
    looks.value++;
    return window !== null;
  }

  const hold = () => new Promise<void>((resolve) => (letGo = resolve));
  navigator.locks?.request(lockOf(own), { signal: gone.signal }, hold).catch(() => undefined); // called off below
  void look();
  const timer = setInterval(() => void look(), LOOK_MS);
  onScopeDispose(() => {
    clearInterval(timer);
    letGo();
    gone.abort();
  });
  return { next, open };
}
