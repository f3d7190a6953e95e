import { describe, expect, it } from "vitest";

import type { Point } from "../types";
import { area, arrowOf, nearestEdge, pathFault, ringFault, side, spansGround } from "./geometry";

const SQUARE: Point[] = [[0, 0], [1, 0], [1, 1], [0, 1]];
const BOW: Point[] = [[0, 0], [1, 1], [1, 0], [0, 1]];

describe("a ring", () => {
  it("is sound when it is simple, whichever way round it goes", () => {
    expect(ringFault(SQUARE)).toBeNull();
    expect(ringFault([...SQUARE].reverse())).toBeNull();
    expect(ringFault([[0.1, 0.1], [0.9, 0.1], [0.5, 0.5], [0.9, 0.9], [0.1, 0.9]])).toBeNull();
  });

  it("is refused when it crosses itself, with the edges and the place", () => {
    expect(ringFault(BOW)).toEqual({ kind: "crosses", first: 1, second: 3, at: [0.5, 0.5] });
  });

  it("is refused when an edge touches a corner of another", () => {
    expect(ringFault([[0, 0], [1, 0], [1, 1], [0.5, 0], [0, 1]])).toMatchObject({ kind: "crosses" });
  });

  it("is refused when it folds back on itself", () => {
    expect(ringFault([[0, 0], [1, 0], [0.5, 0]])).toMatchObject({ kind: "crosses" });
    expect(ringFault([[0.2, 0.2], [0.8, 0.2], [0.5, 0.2], [0.5, 0.6]])).toMatchObject({ kind: "crosses" });
  });

  it("wants three different points, and not more than the hub takes", () => {
    expect(ringFault([[0, 0], [1, 1]])).toEqual({ kind: "few", count: 2 });
    expect(ringFault([[0, 0], [1, 0], [1, 0], [0, 1]])).toEqual({ kind: "twice", corner: 2 });
    const many = Array.from({ length: 65 }, (_, i): Point => [0.5 + 0.4 * Math.cos(i / 10.4), 0.5 + 0.4 * Math.sin(i / 10.4)]);
    expect(ringFault(many)).toEqual({ kind: "many", count: 65 });
  });
});

describe("a path that is being drawn", () => {
  it("may be open, but its edges may not meet", () => {
    expect(pathFault([[0, 0], [1, 1], [1, 0]])).toBeNull();
    expect(pathFault(BOW)).toMatchObject({ kind: "crosses", first: 1, second: 3 });
    expect(pathFault([[0, 0], [0, 0]])).toEqual({ kind: "twice", corner: 1 });
  });
});

describe("sides, arrows, edges", () => {
  it("right of a→b is above 0, as the hub counts a_to_b", () => {
    expect(side([0, 0.5], [1, 0.5], [0.5, 0.9])).toBeGreaterThan(0);
  });

  it("the arrow points to the right of the line, at a right angle on the screen", () => {
    const { from, to } = arrowOf([0.2, 0.5], [0.8, 0.5], 1000, 500, 40);
    expect(from).toEqual([500, 250]);
    expect(to[0]).toBeCloseTo(500);
    expect(to[1]).toBeCloseTo(290);
    const turned = arrowOf([0.8, 0.5], [0.2, 0.5], 1000, 500, 40);
    expect(turned.to[1]).toBeCloseTo(210);
  });

  it("finds the edge that was meant", () => {
    expect(nearestEdge(SQUARE, [0.5, 0.02])).toBe(0);
    expect(nearestEdge(SQUARE, [0.01, 0.5])).toBe(3);
    expect(area(SQUARE)).toBe(1);
  });

  it("four points span the ground unless three of them lie on a line", () => {
    expect(spansGround(SQUARE)).toBe(true);
    expect(spansGround([[0, 0], [0.5, 0.5], [1, 1], [0, 1]])).toBe(false);
    expect(spansGround(SQUARE.slice(0, 3))).toBe(false);
  });
});
