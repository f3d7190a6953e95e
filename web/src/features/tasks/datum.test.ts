import { describe, expect, it } from "vitest";

import { gcj02, shifted } from "./datum";

/** WGS-84 and what `hub.kit.datum.wgs84_to_gcj02` makes of it. */
const PAIRS = [
  [120.7113, 36.9758, 120.71616441494356, 36.9763227221411],
  [105.609, 33.328, 105.61258832043626, 33.32601103963841],
  [106.64, 30.47, 106.6438077792961, 30.467236908075776],
  [104.0655, 37.1843, 104.06834603526065, 37.18481405844809],
  [100.62, 36.28, 100.62127678980004, 36.2795957543912],
  [103.21, 38.61, 103.21239631538573, 38.61044525876964],
  [72.004, 0.8293, 72.00770910286256, 0.8305627680116211],
] as const;

describe("GCJ-02", () => {
  it.each(PAIRS)("of %f, %f is what the hub says", (lon, lat, east, north) => {
    const made = gcj02({ lon, lat });
    expect(made.lon).toBeCloseTo(east, 9);
    expect(made.lat).toBeCloseTo(north, 9);
  });

  it("is WGS-84 outside mainland China", () => {
    expect(shifted({ lon: 2.35, lat: 48.85 })).toBe(false);
    expect(gcj02({ lon: 2.35, lat: 48.85 })).toEqual({ lon: 2.35, lat: 48.85 });
  });
});
