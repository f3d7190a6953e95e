import { describe, expect, it } from "vitest";

import { parseMessage, parseTick } from "./wire";

interface Piece {
  tile: number;
  kind: number;
  flags: number;
  at: number;
  mediaS: number;
  bytes: number[];
}

/** As hub/live/wall.py packs it: ">BBHI", then ">HBBIdd" and the bytes for each entry. */
function packed(tick: number, pieces: Piece[], version = 1): ArrayBuffer {
  const size = 8 + pieces.reduce((sum, piece) => sum + 24 + piece.bytes.length, 0);
  const view = new DataView(new ArrayBuffer(size));
  view.setUint8(0, version);
  view.setUint16(2, pieces.length);
  view.setUint32(4, tick);
  let at = 8;
  for (const { tile, kind, flags, at: captured, mediaS, bytes } of pieces) {
    view.setUint16(at, tile);
    view.setUint8(at + 2, kind);
    view.setUint8(at + 3, flags);
    view.setUint32(at + 4, bytes.length);
    view.setFloat64(at + 8, captured);
    view.setFloat64(at + 16, mediaS);
    bytes.forEach((byte, i) => view.setUint8(at + 24 + i, byte));
    at += 24 + bytes.length;
  }
  return view.buffer;
}

const init: Piece = { tile: 3, kind: 1, flags: 0, at: 0, mediaS: 0, bytes: [1, 2] };
const fragment: Piece = { tile: 4, kind: 2, flags: 3, at: 1.5e9 + 0.25, mediaS: 7.5, bytes: [9, 8, 7] };

describe("a tick of the wall", () => {
  it("holds the pieces of many tiles", () => {
    const tick = parseTick(packed(812, [init, fragment]));
    expect(tick?.tick).toBe(812);
    expect(tick?.entries.map((each) => [each.tile, each.kind, each.keyframe, each.gap])).toEqual([
      [3, "init", false, false],
      [4, "fragment", true, true],
    ]);
    expect(tick?.entries[1]).toMatchObject({ capturedAt: 1.5e9 + 0.25, mediaS: 7.5 });
    expect([...(tick?.entries[1]?.bytes ?? [])]).toEqual([9, 8, 7]);
  });

  it("is refused whole when it is cut off or of another version", () => {
    const whole = packed(1, [init, fragment]);
    for (const cut of [4, 9, 30, whole.byteLength - 1]) expect(parseTick(whole.slice(0, cut))).toBeNull();
    expect(parseTick(packed(1, [init], 2))).toBeNull();
  });

  it("may hold kinds of a later hub, which are passed over", () => {
    expect(parseTick(packed(1, [{ ...init, kind: 7 }, fragment]))?.entries.map((each) => each.tile)).toEqual([4]);
  });
});

it("a text message is one of ours or nothing", () => {
  expect(parseMessage('{"op": "pulse", "now": 5, "dropped": {}}')).toEqual({ op: "pulse", now: 5, dropped: {} });
  for (const other of ["", "[]", "null", '{"op": "reboot"}', "{"]) expect(parseMessage(other)).toBeNull();
});
