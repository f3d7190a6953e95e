import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { watch } from "./webrtc";

const ANSWER = ["v=0", "m=video 9 UDP/TLS/RTP/SAVPF 102", "a=rtpmap:102 H264/90000", ""].join("\r\n");

class Peer extends EventTarget {
  static last: Peer;
  static refusesAnswer = false;
  static refusesOffer = false;
  connectionState = "new";
  iceGatheringState = "complete";
  localDescription = { sdp: "offer" };
  closed = false;

  constructor() {
    super();
    Peer.last = this;
  }
  addTransceiver() {
    return { setCodecPreferences: () => undefined, receiver: { track: { stop: () => undefined } } };
  }
  async createOffer() {
    if (Peer.refusesOffer) throw new DOMException("", "OperationError");
    return {};
  }
  async setLocalDescription() {}
  async setRemoteDescription() {
    if (Peer.refusesAnswer) throw new DOMException("", "InvalidAccessError");
    this.connectionState = "connected";
  }
  close() {
    this.closed = true;
  }
}

describe("a camera by WebRTC", () => {
  let asked: string[];

  beforeEach(() => {
    asked = [];
    Peer.refusesAnswer = Peer.refusesOffer = false;
    vi.stubGlobal("RTCPeerConnection", Peer);
    vi.stubGlobal("RTCRtpReceiver", { getCapabilities: () => ({ codecs: [{ mimeType: "video/H264", clockRate: 90000 }] }) });
    vi.stubGlobal("MediaStream", EventTarget);
    vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
      asked.push(`${init.method} ${path}`);
      if (init.method === "DELETE") return new Response(null, { status: 204 });
      return new Response(ANSWER, { status: 201, headers: { location: "/api/v1/live/c1/whep/7" } });
    });
  });

  afterEach(() => void vi.unstubAllGlobals());

  const watched = () => watch("c1", "patrol", new AbortController().signal);

  it("is watched until it is closed here, and the hub is told first", async () => {
    const whep = await watched();
    expect(whep.kind).toBe("live");
    if (whep.kind === "live") whep.close();
    await vi.waitFor(() => expect(Peer.last.closed).toBe(true));
    expect(asked).toEqual(["POST /api/v1/live/c1/whep?reason=patrol", "DELETE /api/v1/live/c1/whep/7"]);
  });

  it("is closed here also when the hub does not answer", async () => {
    vi.useFakeTimers();
    const whep = await watched();
    vi.stubGlobal("fetch", (_path: string, { signal }: RequestInit) =>
      new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason))));
    if (whep.kind === "live") whep.close();
    await Promise.resolve();
    expect(Peer.last.closed).toBe(false);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(Peer.last.closed).toBe(true);
    vi.useRealTimers();
  });

  it("is ended on both sides when the browser refuses the answer", async () => {
    Peer.refusesAnswer = true;
    expect(await watched()).toEqual({ kind: "needs_socket", why: "bad_answer" });
    await vi.waitFor(() => expect(Peer.last.closed).toBe(true));
    expect(asked.at(-1)).toBe("DELETE /api/v1/live/c1/whep/7");
  });

  it("leaves nothing open when the browser makes no offer", async () => {
    Peer.refusesOffer = true;
    expect(await watched()).toEqual({ kind: "needs_socket", why: "no_offer" });
    expect([Peer.last.closed, asked]).toEqual([true, []]);
  });
});
