/** Polygons and lines in the picture, pure; the same questions as `hub/kit/geometry.py` asks. */
import type { Point } from "../types";

/** What is wrong with a ring; the numbers count corners from 1. */
export type Fault =
  | { kind: "few"; count: number }
  | { kind: "many"; count: number }
  | { kind: "twice"; corner: number }
  | { kind: "crosses"; first: number; second: number; at: Point }
  | { kind: "flat" }
  | { kind: "short" };

export const CORNERS_MIN = 3;
export const CORNERS_MAX = 64;
const AREA_MIN = 1e-9;
const NEAR = 1e-12;

/** Four decimals are a fifth of a pixel in a 4K picture; longer numbers only clutter the YAML. */
export function rounded([x, y]: Point): Point {
  return [round(x), round(y)];
}

const round = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 10_000) / 10_000;

export const same = (one: Point, other: Point): boolean => one[0] === other[0] && one[1] === other[1];

/** Above 0 when p is right of a→b in the picture (y down). */
export function side(a: Point, b: Point, p: Point): number {
  return (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);
}

function onSegment(p: Point, a: Point, b: Point): boolean {
  if (Math.abs(side(a, b, p)) > NEAR) return false;
  const between = (value: number, one: number, other: number) =>
    value >= Math.min(one, other) - NEAR && value <= Math.max(one, other) + NEAR;
  return between(p[0], a[0], b[0]) && between(p[1], a[1], b[1]);
}

/** A common point of the segments p–q and a–b, ends included. */
export function meeting(p: Point, q: Point, a: Point, b: Point): Point | null {
  const run = [q[0] - p[0], q[1] - p[1]] as const;
  const rise = [b[0] - a[0], b[1] - a[1]] as const;
  const apart = [a[0] - p[0], a[1] - p[1]] as const;
  const det = run[0] * rise[1] - run[1] * rise[0];
  if (det === 0) {
    if (onSegment(a, p, q)) return a;
    if (onSegment(b, p, q)) return b;
    return onSegment(p, a, b) ? p : null;
  }
  const t = (apart[0] * rise[1] - apart[1] * rise[0]) / det;
  const u = (apart[0] * run[1] - apart[1] * run[0]) / det;
  const inside = t >= 0 && t <= 1 && u >= 0 && u <= 1;
  return inside ? [p[0] + t * run[0], p[1] + t * run[1]] : null;
}

/** Where two edges that share a corner lie on each other. */
function foldedBack(before: Point, shared: Point, after: Point): boolean {
  if (Math.abs(side(before, shared, after)) > NEAR) return false;
  const along = (before[0] - shared[0]) * (after[0] - shared[0]) + (before[1] - shared[1]) * (after[1] - shared[1]);
  return along > 0;
}

function crossing(points: readonly Point[], closed: boolean): Fault | null {
  const at = (index: number): Point => points[index % points.length] as Point;
  const edges = closed ? points.length : points.length - 1;
  for (let i = 0; i < edges; i++) {
    for (let j = i + 1; j < edges; j++) {
      const next = j === i + 1;
      const around = closed && (j + 1) % points.length === i;
      if (next || around) {
        const folded = next ? foldedBack(at(i), at(j), at(j + 1)) : foldedBack(at(j), at(i), at(i + 1));
        if (folded) return { kind: "crosses", first: i + 1, second: j + 1, at: next ? at(j) : at(i) };
        continue;
      }
      const where = meeting(at(i), at(i + 1), at(j), at(j + 1));
      if (where) return { kind: "crosses", first: i + 1, second: j + 1, at: where };
    }
  }
  return null;
}

export function area(ring: readonly Point[]): number {
  const twice = ring.reduce((sum, [x, y], index) => {
    const [nextX, nextY] = ring[(index + 1) % ring.length] as Point;
    return sum + x * nextY - nextX * y;
  }, 0);
  return Math.abs(twice) / 2;
}

/** What is wrong with a polygon (not closed), null when it is a simple one. */
export function ringFault(ring: readonly Point[]): Fault | null {
  if (ring.length < CORNERS_MIN) return { kind: "few", count: ring.length };
  if (ring.length > CORNERS_MAX) return { kind: "many", count: ring.length };
  const twice = ring.findIndex((point, index) => same(point, ring[(index + 1) % ring.length] as Point));
  if (twice >= 0) return { kind: "twice", corner: twice + 1 };
  return crossing(ring, true) ?? (area(ring) < AREA_MIN ? { kind: "flat" } : null);
}

/** The same of one that is still being drawn: its last edge may come to lie on an earlier one. */
export function pathFault(path: readonly Point[]): Fault | null {
  if (path.length > CORNERS_MAX) return { kind: "many", count: path.length };
  const twice = path.findIndex((point, index) => index > 0 && same(point, path[index - 1] as Point));
  return twice >= 0 ? { kind: "twice", corner: twice } : crossing(path, false);
}

/** The middle of a line, and a point `reach` right of it (where `a_to_b` leads), in pixels. */
export function arrowOf(a: Point, b: Point, width: number, height: number, reach: number): { from: Point; to: Point } {
  const [ax, ay, bx, by] = [a[0] * width, a[1] * height, b[0] * width, b[1] * height];
  const from: Point = [(ax + bx) / 2, (ay + by) / 2];
  const length = Math.hypot(bx - ax, by - ay) || 1;
  return { from, to: [from[0] - ((by - ay) / length) * reach, from[1] + ((bx - ax) / length) * reach] };
}

/** The edge of a ring nearest to a point, by the number of its first corner. */
export function nearestEdge(ring: readonly Point[], p: Point): number {
  let best = 0;
  let least = Infinity;
  ring.forEach((a, index) => {
    const b = ring[(index + 1) % ring.length] as Point;
    const length2 = (b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2 || 1;
    const t = Math.min(1, Math.max(0, ((p[0] - a[0]) * (b[0] - a[0]) + (p[1] - a[1]) * (b[1] - a[1])) / length2));
    const far = Math.hypot(p[0] - a[0] - t * (b[0] - a[0]), p[1] - a[1] - t * (b[1] - a[1]));
    if (far < least) [best, least] = [index, far];
  });
  return best;
}

/** Whether four or more points span the ground: no three of the first four on one line. */
export function spansGround(points: readonly Point[]): boolean {
  const [a, b, c, d] = points;
  if (!a || !b || !c || !d) return false;
  return [[a, b, c], [a, b, d], [a, c, d], [b, c, d]].every(([p, q, r]) => Math.abs(side(p as Point, q as Point, r as Point)) > 1e-4);
}
