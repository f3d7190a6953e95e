import { describe, expect, it } from "vitest";

import { distanceM, spoken } from "./geo";

describe("distance", () => {
  it.each([
    [{ lon: 103.2, lat: 38.6 }, { lon: 103.21, lat: 38.61 }, 1411],
    [{ lon: 120.7113, lat: 36.9758 }, { lon: 120.7113, lat: 36.9848 }, 999],
    [{ lon: 103.2, lat: 38.6 }, { lon: 103.2, lat: 38.6 }, 0],
  ])("%o to %o is the hub's within a third of a percent", (a, b, metres) => {
    expect(Math.abs(distanceM(a, b) - metres)).toBeLessThanOrEqual(metres / 300 + 0.5);
    expect(distanceM(a, b)).toBeCloseTo(distanceM(b, a), 6);
  });

  it.each([
    [0, 10, "m"],
    [347, 350, "m"],
    [994, 990, "m"],
    [995, 1, "km"],
    [1234, 1.2, "km"],
    [9949, 9.9, "km"],
    [14_321, 14, "km"],
  ])("%d m is said as %d %s", (metres, n, unit) => {
    expect(spoken(metres)).toEqual({ unit, n });
  });
});
