/**
 * What stands where on a wall. Pure.
 *
 * A layout has one list of places; the first `size` are on the screen, what follows are further
 * pages of the same size. A tour turns the pages every so many seconds.
 */

export const SIZES = [1, 4, 9, 16, 25] as const;
export type Size = (typeof SIZES)[number];

export interface Layout {
  size: Size;
  /** Camera ids; null is an empty place. */
  cameras: readonly (string | null)[];
  /** Seconds for each page; null: no tour. */
  tourS: number | null;
}

export const TOUR_S_MIN = 5;
export const TOUR_S_MAX = 600;
const CAMERAS_MAX = 500;

export const EMPTY: Layout = { size: 9, cameras: [], tourS: null };

/** Tiles a row; as many rows. */
export function columns(size: Size): number {
  return Math.sqrt(size);
}

export function pages(layout: Layout): number {
  return Math.max(1, Math.ceil(trimmed(layout.cameras).length / layout.size));
}

/** What is on the screen at a page: always `size` places. */
export function shown(layout: Layout, page: number): (string | null)[] {
  const from = (page % pages(layout)) * layout.size;
  return Array.from({ length: layout.size }, (_, i) => layout.cameras[from + i] ?? null);
}

/** The place in the list of a tile on a page. */
export function placeOf(layout: Layout, page: number, tile: number): number {
  return (page % pages(layout)) * layout.size + tile;
}

/**
 * Put cameras at a place: one replaces what is there, several (a whole grid) fill from there on. A
 * camera stands once in a layout: where it stood before becomes empty.
 */
export function put(layout: Layout, place: number, cameras: readonly string[]): Layout {
  const moved = new Set(cameras);
  const list = layout.cameras.map((camera) => (camera !== null && moved.has(camera) ? null : camera));
  while (list.length < place) list.push(null);
  cameras.forEach((camera, i) => (list[place + i] = camera));
  return { ...layout, cameras: trimmed(list).slice(0, CAMERAS_MAX) };
}

/** Two places change what they hold. */
export function swap(layout: Layout, a: number, b: number): Layout {
  const list = [...layout.cameras];
  while (list.length <= Math.max(a, b)) list.push(null);
  [list[a], list[b]] = [list[b] ?? null, list[a] ?? null];
  return { ...layout, cameras: trimmed(list) };
}

export function clear(layout: Layout, place: number): Layout {
  const list = layout.cameras.map((camera, i) => (i === place ? null : camera));
  return { ...layout, cameras: trimmed(list) };
}

export function resize(layout: Layout, size: Size): Layout {
  return { ...layout, size };
}

/** The first wall of somebody who has none: the first cameras, as many tiles as they need. */
export function firstOf(cameras: readonly string[]): Layout {
  const size = SIZES.find((each) => each >= cameras.length) ?? 25;
  return { ...EMPTY, size: cameras.length ? size : EMPTY.size, cameras: cameras.slice(0, size) };
}

/** A layout out of whatever was saved, also by an older page. */
export function fromBody(body: unknown): Layout {
  const said = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const size = SIZES.find((each) => each === said.size) ?? EMPTY.size;
  const list = Array.isArray(said.cameras) ? said.cameras : [];
  const cameras = list.slice(0, CAMERAS_MAX).map((each) => (typeof each === "string" ? each : null));
  const tourS = typeof said.tour_s === "number" ? tourSeconds(said.tour_s) : null;
  return { size, cameras: trimmed(cameras), tourS };
}

export function toBody(layout: Layout): { size: number; cameras: (string | null)[]; tour_s: number | null } {
  return { size: layout.size, cameras: [...layout.cameras], tour_s: layout.tourS };
}

/** A number of seconds that a tour may have. */
export function tourSeconds(asked: number): number {
  return Math.round(Math.min(TOUR_S_MAX, Math.max(TOUR_S_MIN, asked || TOUR_S_MIN)));
}

/** Where an arrow key leads from a tile; at the edge it stays. */
export function neighbour(size: Size, tile: number, key: string): number {
  const side = columns(size);
  const [row, column] = [Math.floor(tile / side), tile % side];
  const to = (r: number, c: number) => Math.min(side - 1, Math.max(0, r)) * side + Math.min(side - 1, Math.max(0, c));
  if (key === "ArrowLeft") return to(row, column - 1);
  if (key === "ArrowRight") return to(row, column + 1);
  if (key === "ArrowUp") return to(row - 1, column);
  return key === "ArrowDown" ? to(row + 1, column) : tile;
}

function trimmed(list: readonly (string | null)[]): (string | null)[] {
  let end = list.length;
  while (end > 0 && list[end - 1] === null) end--;
  return list.slice(0, end);
}
