import { describe, expect, it } from "vitest";

import { groundOf, type Ground, type Outline } from "./ground";

const SPOT = { lon: 103.2, lat: 38.6 };
/** A square of this half side in degrees of latitude, about `east` of the spot. */
const square = (half: number, east = 0): Outline => [
  [
    [103.2 + east - half, 38.6 - half],
    [103.2 + east + half, 38.6 - half],
    [103.2 + east + half, 38.6 + half],
    [103.2 + east - half, 38.6 + half],
    [103.2 + east - half, 38.6 - half],
  ],
];
const inside = ([west, north, width, height]: Ground["box"], { x, y }: { x: number; y: number }) =>
  x > west && x < west + width && y > north && y < north + height;

describe("the ground of a task", () => {
  it("shows the whole grid in metres, north up, with the spot at nought", () => {
    const { box, path } = groundOf(SPOT, square(0.01), null);
    // A degree of latitude is 111.195 km, one of longitude cos(38.6°) of it.
    expect(path).toBe("M-869 1112L869 1112L869 -1112L-869 -1112L-869 1112Z");
    expect(box[2] / box[3]).toBeCloseTo(4 / 3);
    expect(inside(box, { x: 869, y: -1112 })).toBe(true);
  });

  it("shows a spot outside of its grid", () => {
    expect(inside(groundOf(SPOT, square(0.01, 0.05), null).box, { x: 0, y: 0 })).toBe(true);
  });

  it("shows where the phone is while it is near, and else leaves the grid large", () => {
    const near = groundOf(SPOT, square(0.01), { lon: 103.2, lat: 38.63 });
    expect(near.here?.y).toBeCloseTo(-3336, 0);
    expect(inside(near.box, near.here ?? { x: NaN, y: NaN })).toBe(true);
    const far = groundOf(SPOT, square(0.01), { lon: 103.2, lat: 39.6 });
    expect(far.here).toBeNull();
    expect(far.box).toEqual(groundOf(SPOT, square(0.01), null).box);
  });

  it("has a round scale, and a size even where nothing is known", () => {
    expect(groundOf(SPOT, square(0.01), null).scaleM).toBe(1000);
    const { box, path, scaleM } = groundOf(SPOT, [], null);
    expect([path, scaleM]).toEqual(["", 100]);
    expect(box[2]).toBeGreaterThanOrEqual(300);
  });
});
