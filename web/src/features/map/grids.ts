/** Grids as they are drawn: which of them at this zoom, how, with which names, and who is where. */
import type { components } from "@/api/schema";

import { boxOf, holds, inside, meets, type Box } from "./geo";
import type { LonLat } from "./datum";

export type GridKind = components["schemas"]["GridKind"];
export const GRID_KINDS: readonly GridKind[] = ["civil", "police", "dedicated"];

/** A feature of `/api/v1/grids/shapes`. */
export interface Feature {
  properties: { code: string; name: string; kind: GridKind; tier: number; parent: string | null };
  geometry: { coordinates: [number, number][][][] };
}

export interface GridShape {
  code: string;
  name: string;
  kind: GridKind;
  tier: number;
  parent: string | null;
  /** Polygons, each an outer ring and its holes. */
  polygons: LonLat[][][];
  box: Box;
  /** Where its name stands. */
  middle: LonLat;
}

export function shapeOf({ properties, geometry }: Feature): GridShape | null {
  const polygons = geometry.coordinates.map((rings) => rings.map((ring) => ring.map(([lon, lat]) => ({ lon, lat }))));
  const box = boxOf(polygons.flat(2));
  if (!box) return null;
  return { ...properties, polygons, box, middle: middleOf(polygons, box) };
}

/** The centroid of the largest ring; of one that bends around it, the middle of its box. */
function middleOf(polygons: LonLat[][][], box: Box): LonLat {
  let best = { area: 0, lon: (box[0] + box[2]) / 2, lat: (box[1] + box[3]) / 2 };
  for (const [ring] of polygons) {
    const found = ring && centroid(ring);
    if (found && found.area > best.area) best = found;
  }
  return { lon: best.lon, lat: best.lat };
}

function centroid(ring: readonly LonLat[]): { area: number; lon: number; lat: number } | null {
  const [first] = ring;
  if (!first) return null;
  let [twice, x, y] = [0, 0, 0];
  for (let i = 0; i + 1 < ring.length; i += 1) {
    // Counted from the first corner: the products of whole degrees would eat up the digits.
    const ax = (ring[i] as LonLat).lon - first.lon;
    const ay = (ring[i] as LonLat).lat - first.lat;
    const bx = (ring[i + 1] as LonLat).lon - first.lon;
    const by = (ring[i + 1] as LonLat).lat - first.lat;
    const cross = ax * by - bx * ay;
    twice += cross;
    x += (ax + bx) * cross;
    y += (ay + by) * cross;
  }
  if (twice === 0) return null;
  return { area: Math.abs(twice / 2), lon: first.lon + x / (3 * twice), lat: first.lat + y / (3 * twice) };
}

/** Smaller on the screen than this, a grid is a blot. */
const SEEN_PX = 18;

/** Those of the kinds wanted that are in view and large enough to be seen. */
export function seen(shapes: readonly GridShape[], view: Box, pxPerDeg: number, kinds: ReadonlySet<GridKind>): GridShape[] {
  return shapes.filter(
    ({ kind, box }) =>
      kinds.has(kind) && meets(box, view) && Math.max(box[2] - box[0], box[3] - box[1]) * pxPerDeg >= SEEN_PX,
  );
}

export interface Style {
  colour: string;
  weight: number;
  dash?: string;
}

const CIVIL: readonly Style[] = [
  { colour: "--x-map-county", weight: 3 },
  { colour: "--x-map-town", weight: 2 },
  { colour: "--x-map-village", weight: 1.25 },
  { colour: "--x-map-base", weight: 0.75 },
];
const OTHERS: Record<Exclude<GridKind, "civil">, Style> = {
  police: { colour: "--x-map-police", weight: 2, dash: "8 5" },
  dedicated: { colour: "--x-map-dedicated", weight: 2, dash: "2 4" },
};

/** Colour (the name of a variable), width and dashes of a grid's border. */
export function styleOf({ kind, tier }: Pick<GridShape, "kind" | "tier">): Style {
  if (kind !== "civil") return OTHERS[kind];
  return CIVIL[Math.min(tier, CIVIL.length - 1)] as Style;
}

export interface Labelled {
  text: string;
  x: number;
  y: number;
  /** How wide and high the grid is on the screen. */
  width: number;
  height: number;
}

const LABEL_PX = 16;
const LABELS_MAX = 80;

/** How wide a text is, roughly: characters of Chinese are as wide as they are high. */
export function widthOf(text: string): number {
  let width = 0;
  for (const char of text) width += (char.codePointAt(0) as number) > 0x2e7f ? 12.5 : 7;
  return width;
}

/** The names that fit into their grids and do not cover each other, in the order given. */
export function labels<T extends Labelled>(grids: readonly T[]): T[] {
  const taken: Box[] = [];
  const shown: T[] = [];
  for (const grid of grids) {
    const half = widthOf(grid.text) / 2 + 3;
    if (half * 2 > grid.width || grid.height < LABEL_PX) continue;
    const box: Box = [grid.x - half, grid.y - LABEL_PX / 2, grid.x + half, grid.y + LABEL_PX / 2];
    if (taken.some((other) => meets(box, other))) continue;
    taken.push(box);
    shown.push(grid);
    if (shown.length === LABELS_MAX) break;
  }
  return shown;
}

/** The grids over a point, by kind; of the civil ones from the largest to the smallest. */
export function gridsAt(shapes: readonly GridShape[], at: LonLat): GridShape[] {
  return shapes
    .filter((shape) => holds(shape.box, at) && shape.polygons.some((rings) => inside(rings, at)))
    .sort((a, b) => GRID_KINDS.indexOf(a.kind) - GRID_KINDS.indexOf(b.kind) || a.tier - b.tier);
}
