import { mount } from "@vue/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { nextTick } from "vue";

import { session } from "@/api/session";
import { someone } from "@/api/someone";
import { PretendedVideo } from "@/live/pretended";

import { provideDeck, type DeckView } from "./useDeck";

class Socket {
  onopen: (() => void) | null = null;
  onclose: ((close: { code: number }) => void) | null = null;
  sent: { op: string; tiles?: { camera: string }[] }[] = [];
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  tiles(): string[] | undefined {
    return this.sent.findLast(({ op }) => op === "tiles")?.tiles?.map(({ camera }) => camera);
  }
  close(): void {}
}

const who = () => someone("li", "operator", ["live.watch"]);
let sockets: Socket[];

beforeEach(() => {
  sockets = [];
  class Made extends Socket {
    constructor() {
      super();
      sockets.push(this);
    }
  }
  vi.stubGlobal("WebSocket", Made);
  session.me = who();
});

afterEach(() => {
  vi.unstubAllGlobals();
  session.me = null;
});

function wall(): { deck: DeckView; leave: () => void } {
  let deck: DeckView | undefined;
  const view = mount({ setup: () => void (deck = provideDeck()), template: "<div />" });
  if (!deck) throw new Error("no deck");
  return { deck, leave: () => view.unmount() };
}

it("a wall whose session was followed by a newer one has its line again", async () => {
  const { deck, leave } = wall();
  sockets[0]?.onopen?.();
  sockets[0]?.onclose?.({ code: 4401 });
  expect(deck.line.value).toBe("lost");
  session.me = who();
  await nextTick();
  sockets[1]?.onopen?.();
  expect([sockets.length, deck.line.value]).toEqual([2, "live"]);
  // Rights that changed disturb nothing.
  session.me = who();
  await nextTick();
  expect(sockets).toHaveLength(2);
  leave();
});

it("a wall that nobody may watch knows nothing of its pictures, and shows the same ones again", async () => {
  const { deck, leave } = wall();
  sockets[0]?.onopen?.();
  deck.show({ tile: 1, camera: "c1", role: "sub", reason: "patrol" }, new PretendedVideo() as unknown as HTMLVideoElement);
  await vi.waitFor(() => expect(deck.looks.get(1)?.camera).toBe("c1"));
  session.me = null;
  await nextTick();
  expect([deck.looks.size, deck.line.value]).toEqual([0, "lost"]);
  session.me = who();
  await nextTick();
  sockets[1]?.onopen?.();
  await vi.waitFor(() => expect(deck.looks.get(1)?.camera).toBe("c1"));
  expect(sockets[1]?.tiles()).toEqual(["c1"]);
  leave();
});
