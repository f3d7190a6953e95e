import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { backoffMs } from "./backoff";
import { Feed } from "./feed";

class FakeSocket {
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: ((close: { code: number }) => void) | null = null;
  closed = false;
  constructor(readonly url: string) {}
  close(): void {
    this.closed = true;
  }
  says(body: unknown): void {
    this.onmessage?.({ data: JSON.stringify(body) });
  }
}

function event(seq: number) {
  return { seq, at: "2026-01-01T00:00:00Z", topic: "alert", id: `a${seq}`, body: {} };
}

describe("the feed", () => {
  let sockets: FakeSocket[] = [];
  let feed: Feed;
  const last = () => sockets.at(-1) as FakeSocket;

  beforeEach(() => {
    vi.useFakeTimers();
    sockets = [];
    feed = new Feed({
      url: () => "ws://hub/feed",
      open: (url) => {
        sockets.push(new FakeSocket(url));
        return last() as unknown as WebSocket;
      },
      random: () => 1,
    });
  });

  afterEach(() => {
    feed.stop();
    vi.useRealTimers();
  });

  it("begins where the hub says, asks for everything to be loaded then, and hands out each event once", () => {
    const seen: number[] = [];
    const reset = vi.fn();
    feed.on("alert", (said) => seen.push(said.seq));
    feed.whenReset(reset);
    feed.start();
    expect(last().url).toBe("ws://hub/feed");
    last().onopen?.();
    // Between the open line and the hub's number things may happen that nobody would tell.
    expect(reset).not.toHaveBeenCalled();
    last().says({ reset: true, seq: 3 });
    expect(reset).toHaveBeenCalledTimes(1);
    for (const seq of [4, 5, 5, 6]) last().says(event(seq));
    expect(seen).toEqual([4, 5, 6]);
  });

  it("comes back after a loss with the number of the last event, without loading anew", () => {
    const reset = vi.fn();
    feed.start();
    last().onopen?.();
    last().says(event(7));
    feed.whenReset(reset);
    last().onclose?.({ code: 1006 });
    expect(feed.state).toBe("lost");
    vi.advanceTimersByTime(500);
    expect(sockets).toHaveLength(2);
    expect(last().url).toBe("ws://hub/feed?after=7");
    last().onopen?.();
    expect(feed.state).toBe("live");
    expect(reset).not.toHaveBeenCalled();
  });

  it("comes back from the number it began with where nothing was told yet", () => {
    const reset = vi.fn();
    feed.start();
    last().onopen?.();
    last().says({ reset: true, seq: 41 });
    feed.whenReset(reset);
    last().onclose?.({ code: 1006 });
    vi.advanceTimersByTime(500);
    expect(last().url).toBe("ws://hub/feed?after=41");
    last().onopen?.();
    expect(reset).not.toHaveBeenCalled();
  });

  it("comes back without a number where it was told none", () => {
    feed.start();
    last().onopen?.();
    last().onclose?.({ code: 1006 });
    vi.advanceTimersByTime(500);
    expect(last().url).toBe("ws://hub/feed");
  });

  it("loads anew when the hub says so, and takes what is told from there", () => {
    const reset = vi.fn();
    const seen = vi.fn();
    feed.whenReset(reset);
    feed.on("alert", seen);
    feed.start();
    last().onopen?.();
    last().says(event(30));
    last().says({ reset: true, seq: 2 });
    expect(reset).toHaveBeenCalledTimes(1);
    last().says(event(2));
    last().says(event(3));
    expect(seen).toHaveBeenCalledTimes(2);
  });

  it("takes a silent line for dead, but not one that says it is alive", () => {
    feed.start();
    last().onopen?.();
    vi.advanceTimersByTime(30_000);
    last().says({ alive: true });
    vi.advanceTimersByTime(30_000);
    expect(sockets).toHaveLength(1);
    vi.advanceTimersByTime(11_000);
    expect(sockets).toHaveLength(2);
    expect(sockets[0]?.closed).toBe(true);
  });

  it("stops when nobody is signed in any more", () => {
    const out = vi.fn();
    feed.whenSignedOut(out);
    feed.start();
    last().onclose?.({ code: 4401 });
    vi.advanceTimersByTime(60_000);
    expect(out).toHaveBeenCalledTimes(1);
    expect(sockets).toHaveLength(1);
  });
});

it("waits longer after each failure, never more than 15 s, and not all at the same time", () => {
  const waits = [0, 1, 2, 5, 50].map((failures) => backoffMs(failures, () => 1));
  expect(waits).toEqual([500, 1000, 2000, 15_000, 15_000]);
  expect(backoffMs(1, () => 0)).toBe(500);
});
