/** Drawing on the picture of a camera: what is there, what is chosen, what can be taken back. Pure. */
import type { CameraHead, GroundPoint, Line, Point, RuleUse, Zone } from "../types";
import { type Fault, pathFault, ringFault, rounded, same } from "./geometry";

export type Tool = "zone" | "line" | "mask" | "ground";

/** The part of a registration that is drawn. */
export interface Shapes {
  zones: readonly Zone[];
  lines: readonly Line[];
  masks: readonly Point[][];
  ground: readonly GroundPoint[];
  rules: readonly RuleUse[];
}

export interface Chosen {
  kind: Tool;
  index: number;
  /** The corner that the arrow keys move. */
  corner: number | null;
}

export interface Editor {
  shapes: Shapes;
  chosen: Chosen | null;
  drawing: { tool: Tool; points: readonly Point[] } | null;
  /** Why the last thing asked for was not done. */
  fault: Fault | null;
  past: readonly Shapes[];
  future: readonly Shapes[];
  /** Changes of the same stroke (a drag, a run of key presses) are one step back. */
  stroke: string | null;
}

export type Action =
  | { do: "start"; tool: Tool }
  | { do: "put"; at: Point }
  | { do: "end" }
  | { do: "cancel" }
  | { do: "choose"; what: Chosen | null }
  | { do: "move"; to: Point; stroke: string }
  | { do: "insert"; after: number; at: Point }
  | { do: "remove" }
  | { do: "rename"; name: string }
  | { do: "flip" }
  | { do: "place"; index: number; lon: number; lat: number }
  | { do: "bind"; use: RuleUse }
  | { do: "unbind"; use: RuleUse }
  | { do: "undo" }
  | { do: "redo" }
  | { do: "merge"; shapes: Shapes };

const PAST_MAX = 200;

export function shapesOf(camera: Pick<CameraHead, "zones" | "lines" | "masks" | "view" | "rules">): Shapes {
  return { zones: camera.zones, lines: camera.lines, masks: camera.masks, ground: camera.view.ground_points, rules: camera.rules };
}

export function begin(shapes: Shapes): Editor {
  return { shapes, chosen: null, drawing: null, fault: null, past: [], future: [], stroke: null };
}

export function step(editor: Editor, action: Action): Editor {
  switch (action.do) {
    case "merge":
      return { ...changed(editor, action.shapes), chosen: kept(editor.chosen, action.shapes) };
    case "start":
      return { ...editor, drawing: { tool: action.tool, points: [] }, chosen: null, fault: null, stroke: null };
    case "put":
      return put(editor, rounded(action.at));
    case "end":
      return end(editor);
    case "cancel":
      return { ...editor, drawing: null, fault: null };
    case "choose":
      return { ...editor, chosen: action.what, fault: null, stroke: null };
    case "undo":
      return undo(editor);
    case "redo":
      return redo(editor);
    default:
      return change(editor, action);
  }
}

function put(editor: Editor, at: Point): Editor {
  const { drawing, shapes } = editor;
  if (!drawing) return editor;
  if (drawing.tool === "ground") return addGround(editor, at);
  const [first] = drawing.points;
  if (drawing.tool !== "line" && first && drawing.points.length > 2 && same(first, at)) return end(editor);
  const points = [...drawing.points, at];
  const fault = pathFault(points);
  if (fault) return { ...editor, fault };
  if (drawing.tool === "line" && points.length === 2) {
    const line: Line = { id: freeId("line", shapes.lines), name: "", a: points[0] as Point, b: points[1] as Point };
    return finished(editor, { ...shapes, lines: [...shapes.lines, line] }, { kind: "line", index: shapes.lines.length, corner: null });
  }
  return { ...editor, drawing: { ...drawing, points }, fault: null };
}

function addGround(editor: Editor, at: Point): Editor {
  const { shapes } = editor;
  const point: GroundPoint = { x: at[0], y: at[1], lon: NaN, lat: NaN };
  const after = changed(editor, { ...shapes, ground: [...shapes.ground, point] });
  // The tool stays in the hand: at least four are wanted.
  return { ...after, chosen: { kind: "ground", index: shapes.ground.length, corner: 0 }, drawing: editor.drawing };
}

/** Closes the polygon; too little of one is thrown away, a crossing one is refused. */
function end(editor: Editor): Editor {
  const { drawing, shapes } = editor;
  if (!drawing) return { ...editor, chosen: null, fault: null };
  const ring = [...drawing.points];
  if (drawing.tool === "ground" || drawing.tool === "line" || ring.length < 3) return { ...editor, drawing: null, fault: null };
  const fault = ringFault(ring);
  if (fault) return { ...editor, fault };
  if (drawing.tool === "mask") {
    return finished(editor, { ...shapes, masks: [...shapes.masks, ring] }, { kind: "mask", index: shapes.masks.length, corner: null });
  }
  const zone: Zone = { id: freeId("zone", shapes.zones), name: "", polygon: ring };
  return finished(editor, { ...shapes, zones: [...shapes.zones, zone] }, { kind: "zone", index: shapes.zones.length, corner: null });
}

function finished(editor: Editor, shapes: Shapes, chosen: Chosen): Editor {
  return { ...changed(editor, shapes), chosen, drawing: null };
}

/** A new state with the old one to go back to. */
function changed(editor: Editor, shapes: Shapes, stroke: string | null = null): Editor {
  const goesOn = stroke !== null && stroke === editor.stroke;
  const past = goesOn ? editor.past : [...editor.past, editor.shapes].slice(-PAST_MAX);
  return { ...editor, shapes, past, future: [], fault: null, stroke };
}

function undo(editor: Editor): Editor {
  if (editor.drawing?.points.length) {
    return { ...editor, drawing: { ...editor.drawing, points: editor.drawing.points.slice(0, -1) }, fault: null };
  }
  const before = editor.past.at(-1);
  if (!before) return editor;
  const future = [editor.shapes, ...editor.future];
  return { ...editor, shapes: before, past: editor.past.slice(0, -1), future, chosen: kept(editor.chosen, before), fault: null, stroke: null };
}

function redo(editor: Editor): Editor {
  const [after, ...future] = editor.future;
  if (!after) return editor;
  return { ...editor, shapes: after, past: [...editor.past, editor.shapes], future, chosen: kept(editor.chosen, after), fault: null, stroke: null };
}

function kept(chosen: Chosen | null, shapes: Shapes): Chosen | null {
  if (!chosen) return null;
  const count = cornersOf(shapes, chosen).length;
  if (count === 0) return null;
  return chosen.corner !== null && chosen.corner >= count ? { ...chosen, corner: null } : chosen;
}

type Change = Extract<Action, { do: "move" | "insert" | "remove" | "rename" | "flip" | "place" | "bind" | "unbind" }>;

function change(editor: Editor, action: Change): Editor {
  const { shapes } = editor;
  if (action.do === "place") {
    const ground = shapes.ground.map((point, index) => (index === action.index ? { ...point, lon: action.lon, lat: action.lat } : point));
    return changed(editor, { ...shapes, ground }, `place-${action.index}`);
  }
  if (action.do === "bind") {
    if (shapes.rules.some((use) => sameUse(use, action.use))) return editor;
    return changed(editor, { ...shapes, rules: [...shapes.rules, action.use] });
  }
  if (action.do === "unbind") return changed(editor, { ...shapes, rules: shapes.rules.filter((use) => !sameUse(use, action.use)) });
  return editor.chosen ? changeChosen(editor, editor.chosen, action) : editor;
}

function changeChosen(editor: Editor, chosen: Chosen, action: Exclude<Change, { do: "place" | "bind" | "unbind" }>): Editor {
  const { shapes } = editor;
  const corners = cornersOf(shapes, chosen);
  if (action.do === "rename") {
    const renamed = <T extends { name: string }>(all: readonly T[]) =>
      all.map((each, index) => (index === chosen.index ? { ...each, name: action.name } : each));
    if (chosen.kind === "zone") return changed(editor, { ...shapes, zones: renamed(shapes.zones) }, `rename-zone-${chosen.index}`);
    if (chosen.kind === "line") return changed(editor, { ...shapes, lines: renamed(shapes.lines) }, `rename-line-${chosen.index}`);
    return editor;
  }
  if (action.do === "flip") {
    return chosen.kind === "line" ? changed(editor, withCorners(shapes, chosen, [...corners].reverse())) : editor;
  }
  if (action.do === "insert") {
    if (chosen.kind !== "zone" && chosen.kind !== "mask") return editor;
    const more = [...corners.slice(0, action.after + 1), rounded(action.at), ...corners.slice(action.after + 1)];
    return reshaped(editor, { ...chosen, corner: action.after + 1 }, more, null);
  }
  if (action.do === "remove") return remove(editor, chosen, corners);
  if (chosen.corner === null) return editor;
  const to = rounded(action.to);
  return reshaped(editor, chosen, corners.map((point, index) => (index === chosen.corner ? to : point)), action.stroke);
}

function remove(editor: Editor, chosen: Chosen, corners: readonly Point[]): Editor {
  const polygon = chosen.kind === "zone" || chosen.kind === "mask";
  if (polygon && chosen.corner !== null) {
    return reshaped(editor, { ...chosen, corner: null }, corners.filter((_, index) => index !== chosen.corner), null);
  }
  return { ...changed(editor, without(editor.shapes, chosen)), chosen: null };
}

/** The shape with other corners, refused where that is no shape any more. */
function reshaped(editor: Editor, chosen: Chosen, corners: readonly Point[], stroke: string | null): Editor {
  const polygon = chosen.kind === "zone" || chosen.kind === "mask";
  const short = chosen.kind === "line" && same(corners[0] as Point, corners[1] as Point);
  const fault: Fault | null = polygon ? ringFault(corners) : short ? { kind: "short" } : null;
  if (fault) return { ...editor, fault };
  return { ...changed(editor, withCorners(editor.shapes, chosen, corners), stroke), chosen };
}

/** The corners of a shape in their order; empty when it is not there. */
export function cornersOf(shapes: Shapes, { kind, index }: Pick<Chosen, "kind" | "index">): readonly Point[] {
  if (kind === "zone") return shapes.zones[index]?.polygon ?? [];
  if (kind === "mask") return shapes.masks[index] ?? [];
  if (kind === "line") {
    const line = shapes.lines[index];
    return line ? [line.a, line.b] : [];
  }
  const point = shapes.ground[index];
  return point ? [[point.x, point.y]] : [];
}

function withCorners(shapes: Shapes, { kind, index }: Chosen, corners: readonly Point[]): Shapes {
  const put = <T>(all: readonly T[], fresh: (old: T) => T): T[] => all.map((each, at) => (at === index ? fresh(each) : each));
  const [first = [0, 0], second = [0, 0]] = corners;
  if (kind === "zone") return { ...shapes, zones: put(shapes.zones, (zone) => ({ ...zone, polygon: [...corners] })) };
  if (kind === "mask") return { ...shapes, masks: put(shapes.masks, () => [...corners]) };
  if (kind === "line") return { ...shapes, lines: put(shapes.lines, (line) => ({ ...line, a: first, b: second })) };
  return { ...shapes, ground: put(shapes.ground, (point) => ({ ...point, x: first[0], y: first[1] })) };
}

/** Without a shape, and without the rules that were bound to it. */
function without(shapes: Shapes, { kind, index }: Chosen): Shapes {
  const others = <T>(all: readonly T[]): T[] => all.filter((_, at) => at !== index);
  if (kind === "mask") return { ...shapes, masks: others(shapes.masks) };
  if (kind === "ground") return { ...shapes, ground: others(shapes.ground) };
  const id = (kind === "zone" ? shapes.zones : shapes.lines)[index]?.id;
  const rules = shapes.rules.filter((use) => use[kind] !== id);
  return kind === "zone" ? { ...shapes, rules, zones: others(shapes.zones) } : { ...shapes, rules, lines: others(shapes.lines) };
}

export function sameUse(one: RuleUse, other: RuleUse): boolean {
  return one.rule === other.rule && one.zone === other.zone && one.line === other.line;
}

function freeId(stem: string, taken: readonly { id: string }[]): string {
  for (let number = 1; ; number++) {
    const id = `${stem}-${number}`;
    if (!taken.some((each) => each.id === id)) return id;
  }
}
