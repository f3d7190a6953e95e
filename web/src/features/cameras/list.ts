/** The table of cameras: what is wanted of it, in the address and in the list. Pure. */
import type { LocationQuery } from "vue-router";

import { OWNER_KINDS, type Camera, type Grid, type OwnerKind } from "./types";

export const SORTS = ["id", "name", "owner", "grid", "state"] as const;
export type Sort = (typeof SORTS)[number];

/** Disabled ones have a state of their own; `unknown`: no worker speaks of it. */
export const STATES = ["online", "stale", "frozen", "connecting", "offline", "unknown", "disabled"] as const;
export type State = (typeof STATES)[number];

export interface Filter {
  text: string;
  grid: string | null;
  owner: OwnerKind | null;
  state: State | null;
  sort: Sort;
  down: boolean;
}

/** The list as loaded, but for entries that were changed here while it was on its way. */
export function newest(loaded: readonly Camera[], shown: readonly Camera[]): Camera[] {
  const here = new Map(shown.map((camera) => [camera.id, camera]));
  return loaded.map((camera) => {
    const mine = here.get(camera.id);
    return mine && mine.version > camera.version ? mine : camera;
  });
}

export interface Row {
  camera: Camera;
  state: State;
}

export const NO_FILTER: Filter = { text: "", grid: null, owner: null, state: null, sort: "id", down: false };

const one = <T extends string>(value: unknown, of: readonly T[]): T | null => of.find((each) => each === value) ?? null;

export function filterOf(query: LocationQuery): Filter {
  return {
    text: typeof query.text === "string" ? query.text : "",
    grid: typeof query.grid === "string" && query.grid ? query.grid : null,
    owner: one(query.owner, OWNER_KINDS),
    state: one(query.state, STATES),
    sort: one(query.sort, SORTS) ?? "id",
    down: query.down === "1",
  };
}

/** Only what differs from no filter stands in the address. */
export function queryOf(filter: Filter): Record<string, string> {
  const { text, grid, owner, state, sort, down } = filter;
  const all = { text: text.trim(), grid, owner, state, sort: sort === "id" ? "" : sort, down: down ? "1" : "" };
  return Object.fromEntries(Object.entries(all).filter((pair): pair is [string, string] => Boolean(pair[1])));
}

export function stateOf(camera: Camera, states: Readonly<Record<string, string>>): State {
  if (!camera.enabled) return "disabled";
  return one(states[camera.id] ?? camera.health?.state, STATES) ?? "unknown";
}

/** A grid and all below it; a code that names no grid is taken as the beginning of codes. */
export function below(code: string, grids: readonly Grid[]): (of: string | null) => boolean {
  if (!grids.some((grid) => grid.code === code)) return (of) => of?.startsWith(code) ?? false;
  const inside = new Set([code]);
  for (let before = 0; before !== inside.size; ) {
    before = inside.size;
    for (const grid of grids) if (grid.parent !== null && inside.has(grid.parent)) inside.add(grid.code);
  }
  return (of) => of !== null && inside.has(of);
}

/** All rows that are wanted whatever their state is: the counts are made of them. */
export function matching(rows: readonly Row[], filter: Filter, grids: readonly Grid[]): Row[] {
  const words = filter.text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const inGrid = filter.grid === null ? null : below(filter.grid, grids);
  const names = new Map(grids.map((grid) => [grid.code, grid.name]));
  return rows.filter(({ camera }) => {
    if (filter.owner && camera.owner_kind !== filter.owner) return false;
    if (inGrid && !inGrid(camera.grid_code)) return false;
    if (words.length === 0) return true;
    const grid = camera.grid_code ?? "";
    const text = [camera.id, camera.name, camera.owner, grid, names.get(grid) ?? "", ...camera.tags].join("\n").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

export function counts(rows: readonly Row[]): Record<State, number> {
  const found = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<State, number>;
  for (const row of rows) found[row.state] += 1;
  return found;
}

export function sorted(rows: readonly Row[], sort: Sort, down: boolean): Row[] {
  const compare = new Intl.Collator("zh-CN", { numeric: true }).compare;
  const key: Record<Sort, (row: Row) => string> = {
    id: ({ camera }) => camera.id,
    name: ({ camera }) => camera.name,
    owner: ({ camera }) => camera.owner,
    grid: ({ camera }) => camera.grid_code ?? "\uffff",
    // What is wrong comes first.
    state: ({ state }) => String(["offline", "frozen", "stale", "connecting", "unknown", "online", "disabled"].indexOf(state)),
  };
  const turn = down ? -1 : 1;
  return [...rows].sort((one, other) => turn * compare(key[sort](one), key[sort](other)) || compare(one.camera.id, other.camera.id));
}

/** A type, not an interface: the tree of naive-ui wants an open shape. */
export type TreeNode = { key: string; label: string; children?: TreeNode[] };

/** Grids as a tree to choose from. A grid whose parent is not there stands at the top. */
export function gridTree(grids: readonly Grid[]): TreeNode[] {
  const nodes = new Map(grids.map((grid) => [grid.code, { key: grid.code, label: `${grid.name} ${grid.code}` } as TreeNode]));
  const top: TreeNode[] = [];
  for (const grid of grids) {
    const node = nodes.get(grid.code) as TreeNode;
    const parent = grid.parent === null ? undefined : nodes.get(grid.parent);
    if (parent && parent !== node) (parent.children ??= []).push(node);
    else top.push(node);
  }
  return top;
}
