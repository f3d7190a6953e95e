/** How far it is, and how that is said. */
import type { LonLat } from "./types";

const EARTH_M = 6_371_000;
const RAD = Math.PI / 180;

/** Metres along the sphere: within a third of a percent of the ellipsoid, enough for a walk. */
export function distanceM(a: LonLat, b: LonLat): number {
  const half = (x: number) => Math.sin((x * RAD) / 2) ** 2;
  const h = half(b.lat - a.lat) + Math.cos(a.lat * RAD) * Math.cos(b.lat * RAD) * half(b.lon - a.lon);
  return 2 * EARTH_M * Math.asin(Math.sqrt(Math.min(1, h)));
}

/** East and south of a point, as screens count. */
export interface Metres {
  x: number;
  y: number;
}

/** From one place to another as on a plane: good within some tens of kilometres. */
export function planeM(from: LonLat, to: LonLat): Metres {
  const perDeg = EARTH_M * RAD;
  return { x: (to.lon - from.lon) * perDeg * Math.cos(from.lat * RAD), y: (from.lat - to.lat) * perDeg };
}

export interface Distance {
  unit: "m" | "km";
  n: number;
}

/** As a person says it: 350 m, 1.2 km, 14 km. A phone does not know its place better than 10 m. */
export function spoken(metres: number): Distance {
  if (metres < 995) return { unit: "m", n: Math.max(10, Math.round(metres / 10) * 10) };
  const km = metres / 1000;
  return { unit: "km", n: km < 9.95 ? Math.round(km * 10) / 10 : Math.round(km) };
}
