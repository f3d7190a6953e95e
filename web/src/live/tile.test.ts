import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { PretendedSource, PretendedVideo } from "./pretended";
import { playable, Tile } from "./tile";
import type { Entry, TileMessage } from "./wire";

const begun = (codec = "avc1.4d401e"): TileMessage => ({ op: "tile", tile: 1, camera: "c", role: "sub", codec, width: 640, height: 360, generation: 0 });
const init: Entry = { tile: 1, kind: "init", keyframe: false, gap: false, capturedAt: 0, mediaS: 0, bytes: new Uint8Array(7) };
const picture = (mediaS: number, more: Partial<Entry> = {}): Entry =>
  ({ ...init, kind: "fragment", mediaS, capturedAt: 1000 + mediaS, bytes: new Uint8Array(10), ...more });

let video: PretendedVideo;
let tile: Tile;
let broken: number;

beforeEach(() => {
  PretendedSource.made = [];
  vi.stubGlobal("MediaSource", PretendedSource);
  vi.stubGlobal("HTMLMediaElement", { HAVE_NOTHING: 0 });
  vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:1");
  vi.spyOn(URL, "revokeObjectURL").mockReturnValue();
  video = new PretendedVideo();
  broken = 0;
  tile = new Tile(video as unknown as HTMLVideoElement, () => broken++);
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const source = () => PretendedSource.made.at(-1) as PretendedSource;

describe("a tile's player", () => {
  it("says what of the hub's codecs it plays, and which stream it cannot", () => {
    expect(playable()).toEqual(["h264", "hevc"]);
    expect(tile.begin(begun())).toBe(true);
    expect(tile.begin(begun("avc1.6e001f"))).toBe(false);
    expect(PretendedSource.made).toHaveLength(1);
    tile.push(init);
    expect(source().buffer.appended).toEqual([]);
  });

  it("appends what waits as one piece, when the buffer is ready for it", () => {
    tile.begin(begun());
    [init, picture(0, { keyframe: true }), picture(0.04)].forEach((each) => tile.push(each));
    const buffer = source().open();
    expect([source().mime, buffer.mode, buffer.appended]).toEqual(['video/mp4; codecs="avc1.4d401e"', "segments", [27]]);
    tile.push(picture(0.08));
    expect(buffer.appended).toEqual([27]);
    buffer.done();
    expect(buffer.appended).toEqual([27, 10]);
  });

  it("knows when the picture on the screen was captured", () => {
    tile.begin(begun());
    [init, picture(0, { keyframe: true }), picture(0.04)].forEach((each) => tile.push(each));
    expect(tile.shownAt).toBeNull();
    video.draw(0.04);
    expect(tile.shownAt).toBe(1000.04);
    tile.begin(begun());
    expect(tile.shownAt).toBeNull();
  });

  it("takes the video's clock where the browser tells of no frames", () => {
    const plain = new PretendedVideo();
    Object.assign(plain, { requestVideoFrameCallback: undefined, readyState: 0 });
    const told = new Tile(plain as unknown as HTMLVideoElement, () => undefined);
    told.begin(begun());
    [init, picture(0, { keyframe: true }), picture(0.04)].forEach((each) => told.push(each));
    plain.dispatchEvent(new Event("timeupdate"));
    expect(told.shownAt).toBeNull();
    Object.assign(plain, { readyState: 4, currentTime: 0.01 });
    plain.dispatchEvent(new Event("timeupdate"));
    expect(told.shownAt).toBe(1000);
    plain.currentTime = 0.05;
    plain.dispatchEvent(new Event("timeupdate"));
    expect(told.shownAt).toBe(1000.04);
    told.destroy();
  });

  it("jumps to the newest picture once, and then only plays", () => {
    tile.begin(begun());
    tile.push(init);
    tile.push(picture(9.9, { keyframe: true }));
    const buffer = source().open();
    buffer.spans = [[5, 10]];
    buffer.done();
    expect(video.currentTime).toBeCloseTo(9.8);
    expect(video.paused).toBe(false);
    video.currentTime = 9;
    tile.tend();
    expect([video.currentTime, video.playbackRate]).toEqual([9, 1.1]);
  });

  it("makes room when the browser has none, and goes on with a keyframe", () => {
    tile.begin(begun());
    tile.push(init);
    const buffer = source().open();
    buffer.done();
    buffer.refuses = new DOMException("", "QuotaExceededError");
    video.currentTime = 30;
    tile.push(picture(30));
    expect([buffer.removed, broken]).toEqual([[[0, 29.5]], 0]);
    buffer.done();
    tile.push(picture(30.04));
    expect(buffer.appended).toEqual([7]);
    tile.push(picture(30.08, { keyframe: true }));
    expect(buffer.appended).toEqual([7, 10]);
  });

  it("asks to begin anew when it cannot go on, and not after its end", () => {
    tile.begin(begun());
    tile.push(init);
    const buffer = source().open();
    buffer.done();
    buffer.refuses = new TypeError("no");
    tile.push(picture(0));
    expect(broken).toBe(1);
    video.dispatchEvent(new Event("error"));
    expect(broken).toBe(2);
    tile.destroy();
    video.dispatchEvent(new Event("error"));
    expect([broken, video.src]).toEqual([2, ""]);
  });
});
