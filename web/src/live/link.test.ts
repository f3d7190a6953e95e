import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { WallLink, type LineState } from "./link";
import { answeredCodec, h264Only } from "./webrtc";
import type { Wanted } from "./wire";

class FakeSocket {
  binaryType = "";
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: unknown }) => void) | null = null;
  onclose: ((close: { code: number }) => void) | null = null;
  sent: { op: string; tiles?: Wanted[]; tick?: number }[] = [];
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.onclose = null;
  }
}

function tick(number: number): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint8(0, 1);
  view.setUint32(4, number);
  return view.buffer;
}

const tile = (n: number): Wanted => ({ tile: n, camera: `c${n}`, role: "sub", reason: "patrol" });

describe("the wall's line", () => {
  let sockets: FakeSocket[];
  let lines: LineState[];
  let out: number;
  let now: number;
  let link: WallLink;
  const last = () => sockets.at(-1) as FakeSocket;

  beforeEach(() => {
    vi.useFakeTimers();
    [sockets, lines, out, now] = [[], [], 0, 0];
    const hooks = {
      message: () => undefined,
      entry: () => undefined,
      line: (state: LineState) => lines.push(state),
      signedOut: () => out++,
    };
    const open = () => {
      sockets.push(new FakeSocket());
      return last() as unknown as WebSocket;
    };
    link = new WallLink(hooks, ["h264"], { open, now: () => now, random: () => 1 });
    link.start();
  });

  afterEach(() => {
    link.stop();
    vi.useRealTimers();
  });

  it("says what is wanted as soon as it is open, and again after a loss", () => {
    link.want([tile(1), tile(2)]);
    expect(last().sent).toEqual([]);
    last().onopen?.();
    expect(last().sent).toEqual([{ op: "tiles", tiles: [tile(1), tile(2)], codecs: ["h264"] }]);
    last().onclose?.({ code: 1006 });
    vi.advanceTimersByTime(500);
    last().onopen?.();
    expect(sockets).toHaveLength(2);
    expect(last().sent[0]?.tiles).toHaveLength(2);
    expect(lines).toEqual(["connecting", "live", "lost", "connecting", "live"]);
  });

  it("confirms every twenty ticks, or after two seconds", () => {
    last().onopen?.();
    last().sent = [];
    for (let n = 1; n <= 45; n++) last().onmessage?.({ data: tick(n) });
    expect(last().sent).toEqual([{ op: "got", tick: 20 }, { op: "got", tick: 40 }]);
    now = 2_000;
    last().onmessage?.({ data: '{"op": "pulse", "now": 1, "dropped": {}}' });
    expect(last().sent.at(-1)).toEqual({ op: "got", tick: 45 });
  });

  it("opens one tile anew and leaves the others alone", () => {
    link.want([tile(1), tile(2)]);
    last().onopen?.();
    link.reopen(2);
    expect(last().sent.map((each) => each.tiles?.map((t) => t.tile))).toEqual([[1, 2], [1], [1, 2]]);
  });

  it("stays paused over a reconnection", () => {
    last().onopen?.();
    link.pause();
    last().onclose?.({ code: 1006 });
    vi.advanceTimersByTime(500);
    last().onopen?.();
    expect(last().sent.map((each) => each.op)).toEqual(["tiles", "pause"]);
    link.resume();
    expect(last().sent.at(-1)?.op).toBe("resume");
  });

  it("takes a line without pulses for dead, and stops where it may not look", () => {
    last().onopen?.();
    vi.advanceTimersByTime(8_500);
    expect(sockets).toHaveLength(2);
    last().onclose?.({ code: 4403 });
    vi.advanceTimersByTime(60_000);
    expect(link.state).toBe("refused");
    expect(sockets).toHaveLength(2);
    expect(out).toBe(0);
  });

  it("says when nobody is signed in any more", () => {
    last().onclose?.({ code: 4401 });
    expect(out).toBe(1);
  });
});

describe("the answer by WebRTC", () => {
  const answer = (pt: number) =>
    ["v=0", `m=video 9 UDP/TLS/RTP/SAVPF ${pt} 99`, "a=rtpmap:96 VP8/90000", "a=rtpmap:102 H264/90000", ""].join("\r\n");

  it("is taken only when it names H.264 first", () => {
    expect(answeredCodec(answer(102))).toBe("H264");
    expect(answeredCodec(answer(96))).toBe("VP8");
    expect(answeredCodec(answer(102).replace("video 9", "video 0"))).toBeNull();
    expect(answeredCodec("v=0")).toBeNull();
  });

  it("is asked for H.264 and its repair alone", () => {
    const of = (mimeType: string) => ({ mimeType, clockRate: 90000 });
    const kept = h264Only(["video/VP8", "video/H264", "video/rtx", "video/red"].map(of));
    expect(kept.map((codec) => codec.mimeType)).toEqual(["video/H264", "video/rtx"]);
  });
});
