/** Where something is, without tiles and network: the outline of its grid and its spot. Pure. */
import { groundOf, type Ground, type Outline } from "@/features/tasks/ground";
import type { LonLat } from "@/features/tasks/types";

export type { LonLat, Outline };

const EARTH_M = 6_371_000;
const RAD = Math.PI / 180;

/** The rings of a Polygon or a MultiPolygon of GeoJSON. */
export function ringsOf(geometry: unknown): Outline {
  const { type, coordinates } = (geometry ?? {}) as { type?: string; coordinates?: unknown };
  if (type === "Polygon") return coordinates as Outline;
  if (type === "MultiPolygon") return (coordinates as Outline[]).flat();
  return [];
}

/** The middle of what the rings cover, as a box; null without any. */
export function middleOf(outline: Outline): LonLat | null {
  const points = outline.flat();
  if (points.length === 0) return null;
  const [lons, lats] = [points.map(([lon]) => lon), points.map(([, lat]) => lat)];
  const half = (values: number[]): number => (Math.min(...values) + Math.max(...values)) / 2;
  return { lon: half(lons), lat: half(lats) };
}

export interface Drawn extends Ground {
  /** What lies at 0, 0. */
  origin: LonLat;
  /** Metres east and south of the origin; null where the spot is not known. */
  spot: { x: number; y: number } | null;
}

/**
 * Drawn about the middle of the grid, so that the picture stands still when the spot is moved;
 * without a grid about the spot. Null where there is neither.
 */
export function drawnOf(outline: Outline, spot: LonLat | null): Drawn | null {
  const origin = middleOf(outline) ?? spot;
  if (!origin) return null;
  const ground = groundOf(origin, outline, null);
  return { ...ground, origin, spot: spot && metresOf(origin, spot) };
}

function metresOf(from: LonLat, to: LonLat): { x: number; y: number } {
  const perDeg = EARTH_M * RAD;
  return { x: (to.lon - from.lon) * perDeg * Math.cos(from.lat * RAD), y: (from.lat - to.lat) * perDeg };
}

/** The place under a point of the picture, given in shares of its width and height. */
export function placeAt({ box, origin }: Drawn, across: number, down: number): LonLat {
  const [west, north, width, height] = box;
  const perDeg = EARTH_M * RAD;
  const x = west + across * width;
  const y = north + down * height;
  return { lon: origin.lon + x / (perDeg * Math.cos(origin.lat * RAD)), lat: origin.lat - y / perDeg };
}
