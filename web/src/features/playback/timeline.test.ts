import { describe, expect, it } from "vitest";

import { boxesAt, clipTime, frameSeconds, inFrame, markFrom, placed, speedFrom, stepped, type Clip } from "./timeline";

const box = { x1: 0.1, y1: 0.2, x2: 0.3, y2: 0.6 };
const clip: Clip = {
  size_bytes: 1,
  starts_at: "2026-01-01T00:00:00.000Z",
  ends_at: "2026-01-01T00:00:10.000Z",
  marks: [
    { at: "2026-01-01T00:00:05.000Z", what: "raised", box },
    { at: "2026-01-01T00:00:02.500Z", what: "began", box: null },
    { at: "2026-01-01T00:00:40.000Z", what: "raised", box: null },
  ],
};

describe("the marks", () => {
  const marks = placed(clip, 10);

  it("lie on the time line in their order, and only those within it", () => {
    expect(marks.map(({ mark, atS, share }) => [mark.what, atS, share])).toEqual([["began", 2.5, 0.25], ["raised", 5, 0.5]]);
    expect(placed({ ...clip, starts_at: null }, 10)).toEqual([]);
    expect(placed(clip, 0)).toEqual([]);
  });

  it("show their box for a moment", () => {
    const [shown] = boxesAt(marks, 5.3);
    expect(shown).toMatchObject({ x: 0.1, y: 0.2 });
    expect(shown?.width).toBeCloseTo(0.2);
    expect(boxesAt(marks, 5.9)).toEqual([]);
    expect(boxesAt(marks, 2.5)).toEqual([]);
  });

  it("are gone to one after the other", () => {
    expect([markFrom(marks, 0, 1)?.atS, markFrom(marks, 2.5, 1)?.atS, markFrom(marks, 5, 1)]).toEqual([2.5, 5, null]);
    expect([markFrom(marks, 5, -1)?.atS, markFrom(marks, 2.5, -1)]).toEqual([2.5, null]);
  });
});

describe("a step", () => {
  it("is one picture, wherever within the picture one stands", () => {
    expect(stepped(0.4, 1, 0.1, 10)).toBeCloseTo(0.55);
    expect(stepped(0.47, 1, 0.1, 10)).toBeCloseTo(0.55);
    expect(stepped(0.47, -1, 0.1, 10)).toBeCloseTo(0.35);
  });

  it("ends at the ends", () => {
    expect(stepped(0.02, -1, 0.1, 10)).toBe(0);
    expect(stepped(9.99, 1, 0.1, 10)).toBeCloseTo(9.95);
  });

  it("is as long as the pictures lie apart", () => {
    expect(frameSeconds([0, 0.1, 0.2, 0.3])).toBeCloseTo(0.1);
    expect(frameSeconds([0, 0.1, 5, 5.1, 5.2])).toBeCloseTo(0.1);
    expect(frameSeconds([0.3])).toBe(0.04);
  });
});

describe("the rest", () => {
  it("goes through the speeds and stops at the ends", () => {
    expect([speedFrom(1, 1), speedFrom(4, 1), speedFrom(0.25, -1)]).toEqual([2, 4, 0.25]);
  });

  it("knows where a picture of another shape lies", () => {
    expect(inFrame(4 / 3)).toMatchObject({ top: 0, height: 1 });
    expect(inFrame(4 / 3).width).toBeCloseTo(0.75);
    expect(inFrame(21 / 9).height).toBeCloseTo(0.762, 2);
  });

  it("writes times that do not jump", () => {
    expect([clipTime(0), clipTime(7.45), clipTime(61.99), clipTime(-1)]).toEqual(["0:00.0", "0:07.4", "1:01.9", "0:00.0"]);
  });
});
