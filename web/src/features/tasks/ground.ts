/** A small map that needs no tiles and no network: where the spot of a task lies in its grid. */
import { distanceM, planeM, type Metres } from "./geo";
import type { LonLat } from "./types";

/** The rings of a grid, holes among them: longitude and latitude, WGS-84. */
export type Outline = readonly (readonly (readonly [number, number])[])[];

/** In metres from the spot, east and south, as SVG draws: north is up. */
export interface Ground {
  /** West, north, width, height. */
  box: readonly [number, number, number, number];
  /** The grid, as the path of an SVG; "" where it is not known. */
  path: string;
  /** The phone's own place, unless it is so far off that it would make the grid a blot. */
  here: Metres | null;
  /** A round length, at most a third of the width. */
  scaleM: number;
}

const SMALLEST_M = 300;
const MARGIN = 0.08;
const ASPECT = 4 / 3;
/** Up to so many times the size of the grid somebody away from it is drawn too. */
const NEAR = 1.5;

export function groundOf(spot: LonLat, outline: Outline, here: LonLat | null): Ground {
  const rings = outline.map((ring) => ring.map(([lon, lat]) => planeM(spot, { lon, lat })));
  const grid = [{ x: 0, y: 0 }, ...rings.flat()];
  const [, , width, height] = boxOf(grid);
  const near = here !== null && distanceM(spot, here) <= NEAR * Math.hypot(width, height);
  const place = near ? planeM(spot, here) : null;
  const box = boxOf(place ? [...grid, place] : grid);
  return { box, path: rings.map(pathOf).join(""), here: place, scaleM: roundBelow(box[2] / 3) };
}

function boxOf(points: readonly Metres[]): Ground["box"] {
  let [west, north, east, south] = [0, 0, 0, 0];
  for (const { x, y } of points) {
    [west, east] = [Math.min(west, x), Math.max(east, x)];
    [north, south] = [Math.min(north, y), Math.max(south, y)];
  }
  const wide = Math.max(east - west, (south - north) * ASPECT, SMALLEST_M) * (1 + 2 * MARGIN);
  const high = wide / ASPECT;
  return [(west + east - wide) / 2, (north + south - high) / 2, wide, high];
}

function pathOf(ring: readonly Metres[]): string {
  return `M${ring.map(({ x, y }) => `${Math.round(x)} ${Math.round(y)}`).join("L")}Z`;
}

/** 1, 2 or 5 times a power of ten. */
function roundBelow(most: number): number {
  const ten = 10 ** Math.floor(Math.log10(most));
  return ten * (most >= 5 * ten ? 5 : most >= 2 * ten ? 2 : 1);
}
