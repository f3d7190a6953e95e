/** Plane geometry around a point, good within a few kilometres; and who is near. */
import { distanceM } from "@/features/tasks/geo";

import type { LonLat } from "./datum";

const M_PER_DEG = 111_194.93;
const RAD = Math.PI / 180;
const STEP_DEG = 8;

/** West, south, east, north. */
export type Box = readonly [number, number, number, number];

/** So many metres east and north of a point. */
export function moved(at: LonLat, eastM: number, northM: number): LonLat {
  return { lon: at.lon + eastM / (M_PER_DEG * Math.cos(at.lat * RAD)), lat: at.lat + northM / M_PER_DEG };
}

/** The sector that a camera looks at: azimuth clockwise from north, degrees and metres. */
export function cone(at: LonLat, azimuthDeg: number, fovDeg: number, rangeM: number): LonLat[] {
  const steps = Math.max(2, Math.ceil(fovDeg / STEP_DEG));
  const arc = Array.from({ length: steps + 1 }, (_, step) => {
    const bearing = (azimuthDeg + fovDeg * (step / steps - 0.5)) * RAD;
    return moved(at, rangeM * Math.sin(bearing), rangeM * Math.cos(bearing));
  });
  return [at, ...arc];
}

/** The smallest convex ring around points (Andrew's monotone chain), counter-clockwise. */
export function hull(points: readonly LonLat[]): LonLat[] {
  const sorted = [...points].sort((a, b) => a.lon - b.lon || a.lat - b.lat);
  if (sorted.length < 3) return sorted;
  return [...chain(sorted), ...chain(sorted.toReversed())];
}

function chain(sorted: readonly LonLat[]): LonLat[] {
  const ring: LonLat[] = [];
  for (const point of sorted) {
    while (ring.length > 1 && turn(ring.at(-2) as LonLat, ring.at(-1) as LonLat, point) <= 0) ring.pop();
    ring.push(point);
  }
  return ring.slice(0, -1);
}

function turn(a: LonLat, b: LonLat, c: LonLat): number {
  return (b.lon - a.lon) * (c.lat - a.lat) - (b.lat - a.lat) * (c.lon - a.lon);
}

export function boxOf(points: Iterable<LonLat>): Box | null {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { lon, lat } of points) {
    west = Math.min(west, lon);
    east = Math.max(east, lon);
    south = Math.min(south, lat);
    north = Math.max(north, lat);
  }
  return west <= east ? [west, south, east, north] : null;
}

export function meets(a: Box, b: Box): boolean {
  return a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3];
}

export function holds(box: Box, { lon, lat }: LonLat): boolean {
  return lon >= box[0] && lon <= box[2] && lat >= box[1] && lat <= box[3];
}

/** Whether a point lies in a polygon (its outer ring, then its holes) by the even-odd rule. */
export function inside(rings: readonly (readonly LonLat[])[], at: LonLat): boolean {
  let odd = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
      const a = ring[i] as LonLat;
      const b = ring[j] as LonLat;
      if (a.lat > at.lat === b.lat > at.lat) continue;
      if (at.lon < a.lon + ((at.lat - a.lat) / (b.lat - a.lat)) * (b.lon - a.lon)) odd = !odd;
    }
  }
  return odd;
}

export interface Near<T> {
  item: T;
  metres: number;
}

/** The nearest `n`, nearest first. */
export function nearest<T extends { at: LonLat }>(items: readonly T[], at: LonLat, n: number): Near<T>[] {
  return items
    .map((item) => ({ item, metres: distanceM(at, item.at) }))
    .sort((a, b) => a.metres - b.metres)
    .slice(0, n);
}
