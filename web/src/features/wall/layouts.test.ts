import { describe, expect, it } from "vitest";

import { clear, EMPTY, firstOf, fromBody, neighbour, pages, placeOf, put, resize, shown, swap, toBody } from "./layouts";
import { advance, tourState, turn } from "./tour";

const wall = { ...EMPTY, size: 4 as const, cameras: ["a", "b", "c"] };

describe("a layout", () => {
  it("shows as many places as it has tiles", () => {
    expect(shown(wall, 0)).toEqual(["a", "b", "c", null]);
    expect(shown(resize(wall, 1), 1)).toEqual(["b"]);
    expect(pages(resize(wall, 1))).toBe(3);
    expect(shown({ ...wall, cameras: [] }, 5)).toEqual([null, null, null, null]);
  });

  it("takes a camera into a place, once", () => {
    expect(put(wall, 3, ["d"]).cameras).toEqual(["a", "b", "c", "d"]);
    expect(put(wall, 0, ["c"]).cameras).toEqual(["c", "b"]);
    expect(put(wall, 6, ["d"]).cameras).toEqual(["a", "b", "c", null, null, null, "d"]);
  });

  it("takes a whole grid from a place on, over further pages", () => {
    const filled = put(wall, 2, ["x", "y", "z"]);
    expect(filled.cameras).toEqual(["a", "b", "x", "y", "z"]);
    expect(pages(filled)).toBe(2);
    expect(shown(filled, 1)).toEqual(["z", null, null, null]);
    expect(placeOf(filled, 1, 2)).toBe(6);
  });

  it("swaps and clears places", () => {
    expect(swap(wall, 0, 2).cameras).toEqual(["c", "b", "a"]);
    expect(swap(wall, 0, 3).cameras).toEqual([null, "b", "c", "a"]);
    expect(clear(wall, 2).cameras).toEqual(["a", "b"]);
    expect(clear(wall, 0).cameras).toEqual([null, "b", "c"]);
  });

  it("begins with what there is", () => {
    expect(firstOf(["a", "b", "c", "d", "e"]).size).toBe(9);
    expect(firstOf([]).cameras).toEqual([]);
    expect(firstOf(Array.from({ length: 40 }, (_, i) => `c${i}`))).toMatchObject({ size: 25 });
  });

  it("comes back as it was saved, and out of anything", () => {
    const toured = { ...wall, tourS: 20 };
    expect(fromBody(JSON.parse(JSON.stringify(toBody(toured))))).toEqual(toured);
    expect(fromBody(null)).toEqual(EMPTY);
    expect(fromBody({ size: 7, cameras: ["a", 3, null], tour_s: 1 })).toEqual({ size: 9, cameras: ["a"], tourS: 5 });
  });

  it("is walked by the arrow keys, up to its edges", () => {
    expect(neighbour(9, 4, "ArrowUp")).toBe(1);
    expect(neighbour(9, 4, "ArrowRight")).toBe(5);
    expect(neighbour(9, 5, "ArrowRight")).toBe(5);
    expect(neighbour(9, 0, "ArrowUp")).toBe(0);
    expect(neighbour(9, 0, "Enter")).toBe(0);
  });
});

describe("a tour", () => {
  it("turns the page every so many seconds, round and round", () => {
    let tour = { page: 0, since: 0 };
    const seen = [];
    for (let now = 0; now <= 31_000; now += 1_000) {
      tour = advance(tour, now, 3, 10, false);
      seen.push(tour.page);
    }
    expect([seen[9], seen[10], seen[20], seen[30]]).toEqual([0, 1, 2, 0]);
  });

  it("waits while a page is held, and then gives it its whole time", () => {
    let tour = advance({ page: 1, since: 0 }, 60_000, 3, 10, true);
    expect(tour.page).toBe(1);
    tour = advance(tour, 69_000, 3, 10, false);
    expect(tour.page).toBe(1);
    expect(advance(tour, 70_000, 3, 10, false).page).toBe(2);
  });

  it("does nothing with one page or without seconds", () => {
    const tour = { page: 0, since: 0 };
    expect(advance(tour, 1e6, 1, 10, false)).toBe(tour);
    expect(advance(tour, 1e6, 3, null, false)).toBe(tour);
  });

  it("says why it stands still", () => {
    expect(tourState(3, 10, false)).toBe("running");
    expect(tourState(3, 10, true)).toBe("paused");
    expect(tourState(1, 10, true)).toBe("single");
    expect(tourState(3, null, true)).toBe("off");
  });

  it("is turned by hand both ways", () => {
    expect(turn({ page: 0, since: 0 }, 5, 3, -1)).toEqual({ page: 2, since: 5 });
    expect(turn({ page: 2, since: 0 }, 5, 3, 1)).toEqual({ page: 0, since: 5 });
  });
});
