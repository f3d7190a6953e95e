import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Deck, type Look } from "./deck";
import { PretendedSource, PretendedVideo } from "./pretended";
import type { Message, Wanted } from "./wire";

class Socket {
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: unknown }) => void) | null = null;
  onclose: ((close: { code: number }) => void) | null = null;
  sent: { op: string; tiles?: Wanted[] }[] = [];
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.onclose = null;
  }
}

const wanted = (tile: number, more: Partial<Wanted> = {}): Wanted => ({ tile, camera: `c${tile}`, role: "sub", reason: "patrol", ...more });

let socket: Socket;
let deck: Deck;
let looks: Map<number, Look>;

beforeEach(() => {
  vi.useFakeTimers();
  PretendedSource.made = [];
  vi.stubGlobal("MediaSource", PretendedSource);
  vi.stubGlobal("HTMLMediaElement", { HAVE_NOTHING: 0 });
  vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:1");
  looks = new Map();
  const hooks = { look: (tile: number, look: Look) => looks.set(tile, look), line: () => undefined, signedOut: () => undefined };
  const open = () => (socket = new Socket()) as unknown as WebSocket;
  deck = new Deck(hooks, { open, now: () => performance.now(), random: () => 1 });
  deck.start();
  socket.onopen?.();
});

afterEach(() => {
  deck.stop();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

async function show(...tiles: Wanted[]): Promise<PretendedVideo[]> {
  const videos = tiles.map(() => new PretendedVideo());
  tiles.forEach((tile, i) => deck.show(tile, videos[i] as unknown as HTMLVideoElement));
  await Promise.resolve();
  return videos;
}

function say(message: Message): void {
  socket.onmessage?.({ data: JSON.stringify(message) });
}

function picture(tile: number, mediaS: number, capturedAt: number): void {
  const view = new DataView(new ArrayBuffer(8 + 24 + 4));
  view.setUint8(0, 1);
  view.setUint16(2, 1);
  view.setUint16(8, tile);
  view.setUint8(10, 2);
  view.setUint8(11, 1);
  view.setUint32(12, 4);
  view.setFloat64(16, capturedAt);
  view.setFloat64(24, mediaS);
  socket.onmessage?.({ data: view.buffer });
}

const tilesAsked = () => socket.sent.filter(({ op }) => op === "tiles").at(-1)?.tiles?.map(({ tile, role }) => `${tile} ${role}`);
const begins = (tile: number, codec: string, role: "main" | "sub" = "sub"): Message =>
  ({ op: "tile", tile, camera: `c${tile}`, role, codec, width: 1, height: 1, generation: 0 });

describe("the tiles of a window", () => {
  it("are asked for together", async () => {
    await show(wanted(1), wanted(2));
    expect(socket.sent.filter(({ op }) => op === "tiles").map(({ tiles }) => tiles?.length)).toEqual([0, 2]);
    deck.hide(1);
    await Promise.resolve();
    expect(tilesAsked()).toEqual(["2 sub"]);
  });

  it("know what was said of their camera, and of themselves", async () => {
    await show(wanted(1), wanted(2, { camera: "c1" }));
    say({ op: "state", camera: "c1", state: "stale", last_picture_at: 7, why: "w" });
    expect([looks.get(1)?.state, looks.get(2)?.state, looks.get(1)?.lastPictureAt]).toEqual(["stale", "stale", 7]);
    say({ op: "state", camera: "c1", tile: 2, state: "withheld", last_picture_at: null, why: "" });
    expect([looks.get(1)?.state, looks.get(2)?.state]).toEqual(["stale", "withheld"]);
    say({ op: "refused", tile: 1, code: "not_found", detail: "" });
    expect(looks.get(1)?.refused).toBe("not_found");
  });

  it("pay no heed to what was said of the camera before", async () => {
    await show(wanted(1));
    say({ op: "state", camera: "old", tile: 1, state: "withheld", last_picture_at: null, why: "" });
    say({ ...begins(1, "avc1.4d401e"), camera: "old" } as Message);
    vi.advanceTimersByTime(400);
    expect([looks.get(1)?.state, PretendedSource.made.length]).toEqual(["connecting", 0]);
  });

  it("tell the age of the picture by the hub's clock", async () => {
    const [video] = await show(wanted(1));
    say({ op: "pulse", now: 5000, dropped: { 1: 3 } });
    say(begins(1, "avc1.4d401e"));
    picture(1, 0, 4999);
    video?.draw(0);
    vi.advanceTimersByTime(400);
    expect(looks.get(1)).toMatchObject({ hasPicture: true, shownAt: 4999, dropped: 3, still: false });
    expect(looks.get(1)?.ageS).toBeCloseTo(1.4);
    vi.advanceTimersByTime(6_000);
    expect(looks.get(1)?.still).toBe(true);
  });

  it("tell of a frozen picture since when it is the same, though it goes on coming", async () => {
    const [video] = await show(wanted(1));
    say(begins(1, "avc1.4d401e"));
    picture(1, 0, 4999);
    video?.draw(0);
    const said = { op: "state", camera: "c1", last_picture_at: 4900, why: "" } as const;
    say({ ...said, state: "stale" });
    expect(looks.get(1)?.lastPictureAt).toBe(4999);
    say({ ...said, state: "frozen" });
    expect(looks.get(1)?.lastPictureAt).toBe(4900);
  });
});

describe("a window that was hidden", () => {
  const turn = (state: DocumentVisibilityState) => {
    vi.spyOn(document, "visibilityState", "get").mockReturnValue(state);
    document.dispatchEvent(new Event("visibilitychange"));
    vi.advanceTimersByTime(400);
  };

  it("shows what is on the screen as a picture only when a new one has come", async () => {
    const [video] = await show(wanted(1));
    say({ op: "pulse", now: 5000, dropped: {} });
    say({ op: "state", camera: "c1", state: "online", last_picture_at: 5000, why: "" });
    say(begins(1, "avc1.4d401e"));
    picture(1, 0, 4999);
    video?.draw(0);
    vi.advanceTimersByTime(400);
    expect(looks.get(1)?.hasPicture).toBe(true);
    turn("hidden");
    // What is on the screen is still known by its time, for whoever takes it.
    expect(looks.get(1)).toMatchObject({ hasPicture: false, state: "online", shownAt: 4999 });
    // What was still on its way is drawn as the window comes back.
    picture(1, 0.04, 5000);
    vi.advanceTimersByTime(60_000);
    turn("visible");
    video?.draw(0.04);
    vi.advanceTimersByTime(400);
    expect(looks.get(1)?.hasPicture).toBe(false);
    picture(1, 61, 5061);
    video?.draw(61);
    vi.advanceTimersByTime(400);
    expect(looks.get(1)).toMatchObject({ hasPicture: true, shownAt: 5061, still: false });
  });
});

describe("a stream that this browser cannot play", () => {
  it("gives way to the sub-stream", async () => {
    await show(wanted(1, { role: "main" }), wanted(2));
    say(begins(1, "avc1.6e001f", "main"));
    await Promise.resolve();
    expect(tilesAsked()).toEqual(["1 sub", "2 sub"]);
    say(begins(1, "avc1.4d401e"));
    expect(looks.get(1)).toMatchObject({ state: "connecting", codec: "avc1.4d401e" });
  });

  it("is named where there is no other, and not asked for any more", async () => {
    await show(wanted(1), wanted(2));
    say(begins(1, "avc1.6e001f"));
    await Promise.resolve();
    picture(1, 0, 1);
    expect(looks.get(1)).toMatchObject({ state: "unsupported", why: "avc1.6e001f" });
    expect(tilesAsked()).toEqual(["2 sub"]);
    await show(wanted(1, { camera: "c9" }));
    expect(tilesAsked()).toEqual(["1 sub", "2 sub"]);
  });
});
