/** The window's live video, for components: one deck, what it knows of each tile, its line. */
import { inject, onScopeDispose, provide, ref, shallowReactive, watch, type InjectionKey, type Ref } from "vue";

import { tellSignedOut } from "@/api/client";
import { can, session } from "@/api/session";
import { Deck, type Look } from "@/live/deck";
import type { LineState } from "@/live/link";
import type { Wanted } from "@/live/wire";

export interface DeckView {
  looks: ReadonlyMap<number, Look>;
  line: Readonly<Ref<LineState>>;
  show(wanted: Wanted, video: HTMLVideoElement): void;
  hide(tile: number): void;
  /** The hub's time, ms since 1970. */
  now(): number;
}

const KEY: InjectionKey<DeckView> = Symbol("deck");

/** Opens the one connection of this page; its components take it by `useDeck`. */
export function provideDeck(): DeckView {
  const looks = shallowReactive(new Map<number, Look>());
  const line = ref<LineState>("connecting");
  const deck = new Deck({
    look: (tile, look) => {
      // Only what can be seen to have changed is worth drawing anew.
      const old = looks.get(tile);
      if (!old || !same(old, look)) looks.set(tile, look);
    },
    line: (state) => (line.value = state),
    signedOut: tellSignedOut,
  });
  // Who may not watch asks for nothing; who has come back with a newer session is given a line again.
  watch(() => (can("live.watch") ? session.me : null), (who) => (who ? deck.start() : stop()), { immediate: true });
  onScopeDispose(stop);
  /** The pictures go with the line: what was known of them says nothing any more. */
  function stop(): void {
    deck.stop();
    looks.clear();
  }
  const view: DeckView = {
    looks,
    line,
    show: (wanted, video) => deck.show(wanted, video),
    hide: (tile) => {
      deck.hide(tile);
      looks.delete(tile);
    },
    now: () => deck.now() * 1000,
  };
  provide(KEY, view);
  return view;
}

export function useDeck(): DeckView {
  const view = inject(KEY);
  if (!view) throw new Error("no deck is provided");
  return view;
}

function same(a: Look, b: Look): boolean {
  const tenths = (s: number | null) => (s === null ? null : Math.round(s * 10));
  return (Object.keys(a) as (keyof Look)[]).every((key) =>
    key === "ageS" || key === "lastPictureAt" || key === "shownAt" ? tenths(a[key]) === tenths(b[key]) : a[key] === b[key],
  );
}
