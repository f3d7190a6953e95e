/** The cameras of the wall under their grids. Pure. */

export interface CameraItem {
  id: string;
  name: string;
  owner: string;
  gridCode: string | null;
  state: string;
}

export interface GridItem {
  code: string;
  name: string;
  parent: string | null;
}

/** A line of the tree as it is drawn: a grid with all cameras in and below it, or a camera. */
export type Row =
  | { kind: "grid"; key: string; code: string | null; name: string; depth: number; cameras: string[]; open: boolean }
  | { kind: "camera"; key: string; camera: CameraItem; depth: number };

interface Node {
  code: string | null;
  name: string;
  children: Node[];
  cameras: CameraItem[];
}

/** Rows in reading order. `closed` names grids that are folded; a search opens everything. */
export function rows(
  cameras: readonly CameraItem[],
  grids: readonly GridItem[],
  closed: ReadonlySet<string>,
  search = "",
  nowhere = "",
): Row[] {
  const words = search.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const named = new Map(grids.map((grid) => [grid.code, grid]));
  const found = cameras.filter((camera) => matches(camera, named, words));
  return nodesOf(found, named, nowhere).flatMap((node) => rowsOf(node, 0, words.length ? NONE : closed));
}

const NONE: ReadonlySet<string> = new Set();

function matches(camera: CameraItem, grids: ReadonlyMap<string, GridItem>, words: readonly string[]): boolean {
  const text = [camera.id, camera.name, camera.owner, ...pathOf(camera.gridCode, grids).flatMap((grid) => [grid.name, grid.code])]
    .join("\n")
    .toLowerCase();
  return words.every((word) => text.includes(word));
}

/** From the root down; ends where a parent is not known, or is its own ancestor. */
function pathOf(code: string | null, grids: ReadonlyMap<string, GridItem>): GridItem[] {
  const path: GridItem[] = [];
  for (let at = code === null ? undefined : grids.get(code); at && !path.includes(at); at = at.parent === null ? undefined : grids.get(at.parent)) {
    path.unshift(at);
  }
  return path;
}

function nodesOf(cameras: readonly CameraItem[], grids: ReadonlyMap<string, GridItem>, nowhere: string): Node[] {
  const root: Node = { code: null, name: "", children: [], cameras: [] };
  const stray: Node = { code: null, name: nowhere, children: [], cameras: [] };
  for (const camera of cameras) {
    const path = pathOf(camera.gridCode, grids);
    let node = path.length ? root : stray;
    for (const grid of path) {
      let child = node.children.find((each) => each.code === grid.code);
      if (!child) {
        child = { code: grid.code, name: grid.name, children: [], cameras: [] };
        node.children.push(child);
      }
      node = child;
    }
    node.cameras.push(camera);
  }
  sort(root);
  sort(stray);
  return stray.cameras.length ? [...root.children, stray] : root.children;
}

function sort(node: Node): void {
  node.children.sort((a, b) => (a.code ?? "").localeCompare(b.code ?? ""));
  node.cameras.sort((a, b) => a.name.localeCompare(b.name, "zh-CN") || a.id.localeCompare(b.id));
  node.children.forEach(sort);
}

function rowsOf(node: Node, depth: number, closed: ReadonlySet<string>): Row[] {
  const key = `grid:${node.code ?? ""}`;
  const open = !closed.has(key);
  const head: Row = { kind: "grid", key, code: node.code, name: node.name, depth, cameras: idsBelow(node), open };
  if (!open) return [head];
  const leaves = node.cameras.map((camera): Row => ({ kind: "camera", key: `camera:${camera.id}`, camera, depth: depth + 1 }));
  return [head, ...node.children.flatMap((child) => rowsOf(child, depth + 1, closed)), ...leaves];
}

function idsBelow(node: Node): string[] {
  return [...node.children.flatMap(idsBelow), ...node.cameras.map((camera) => camera.id)];
}
