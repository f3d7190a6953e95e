import { describe, expect, it } from "vitest";

import type { Point } from "../types";
import { begin, step, type Action, type Editor, type Shapes } from "./editor";
import { ringFault } from "./geometry";

const NOTHING: Shapes = { zones: [], lines: [], masks: [], ground: [], rules: [] };
const run = (editor: Editor, ...actions: Action[]): Editor => actions.reduce(step, editor);
const put = (...points: Point[]): Action[] => points.map((at) => ({ do: "put", at }));
const zone = (): Editor =>
  run(begin(NOTHING), { do: "start", tool: "zone" }, ...put([0.1, 0.1], [0.6, 0.1], [0.6, 0.6], [0.1, 0.6]), { do: "end" });

describe("drawing a zone", () => {
  it("puts corners, closes, chooses it and gives it an id of its own", () => {
    const editor = zone();
    expect(editor.shapes.zones).toEqual([{ id: "zone-1", name: "", polygon: [[0.1, 0.1], [0.6, 0.1], [0.6, 0.6], [0.1, 0.6]] }]);
    expect(editor.chosen).toEqual({ kind: "zone", index: 0, corner: null });
    const two = run(editor, { do: "start", tool: "zone" }, ...put([0.7, 0.7], [0.9, 0.7], [0.9, 0.9]), { do: "end" });
    expect(two.shapes.zones[1]?.id).toBe("zone-2");
  });

  it("is closed by a click on its first corner", () => {
    const editor = run(begin(NOTHING), { do: "start", tool: "zone" }, ...put([0.1, 0.1], [0.6, 0.1], [0.6, 0.6], [0.1, 0.1]));
    expect(editor.shapes.zones[0]?.polygon).toHaveLength(3);
    expect(editor.drawing).toBeNull();
  });

  it("refuses a corner whose edge would cross another, and goes on from there", () => {
    const drawing = run(begin(NOTHING), { do: "start", tool: "zone" }, ...put([0, 0], [1, 1], [1, 0], [0, 1]));
    expect(drawing.fault).toMatchObject({ kind: "crosses", first: 1, second: 3 });
    expect(drawing.drawing?.points).toHaveLength(3);
    expect(run(drawing, { do: "end" }).shapes.zones).toHaveLength(1);
  });

  it("refuses to close where the last edge would cross", () => {
    const bad = run(begin(NOTHING), { do: "start", tool: "zone" }, ...put([0.1, 0.5], [0.9, 0.5], [0.9, 0.9], [0.5, 0.9], [0.5, 0.6], [0.7, 0.2]));
    const closed = run(begin(NOTHING), { do: "start", tool: "zone" }, ...put([0.5, 0.1], [0.9, 0.5], [0.1, 0.5], [0.1, 0.9], [0.9, 0.9], [0.9, 0.7]), { do: "end" });
    expect(bad.fault).toMatchObject({ kind: "crosses" });
    expect(closed.fault).toMatchObject({ kind: "crosses" });
    expect(closed.shapes.zones).toHaveLength(0);
    expect(closed.drawing?.points).toHaveLength(6);
  });

  it("forgets what is too little for a polygon", () => {
    const editor = run(begin(NOTHING), { do: "start", tool: "zone" }, ...put([0, 0], [1, 1]), { do: "end" });
    expect(editor.shapes).toBe(NOTHING);
    expect(editor.drawing).toBeNull();
  });
});

describe("lines, masks, ground points", () => {
  it("a line is done with its second point and can be turned round", () => {
    const editor = run(begin(NOTHING), { do: "start", tool: "line" }, ...put([0.2, 0.5], [0.8, 0.5]));
    expect(editor.shapes.lines).toEqual([{ id: "line-1", name: "", a: [0.2, 0.5], b: [0.8, 0.5] }]);
    expect(run(editor, { do: "flip" }).shapes.lines[0]).toMatchObject({ a: [0.8, 0.5], b: [0.2, 0.5] });
  });

  it("the ends of a line may not fall together", () => {
    const line = run(begin(NOTHING), { do: "start", tool: "line" }, ...put([0.2, 0.5], [0.8, 0.5]), { do: "choose", what: { kind: "line", index: 0, corner: 0 } });
    const after = run(line, { do: "move", to: [0.8, 0.5], stroke: "s" });
    expect(after.fault).toEqual({ kind: "short" });
    expect(after.shapes).toBe(line.shapes);
  });

  it("ground points come one after the other and wait for their place", () => {
    const editor = run(begin(NOTHING), { do: "start", tool: "ground" }, ...put([0.1, 0.9], [0.9, 0.9]), { do: "place", index: 0, lon: 103.2, lat: 38.6 });
    expect(editor.shapes.ground).toEqual([{ x: 0.1, y: 0.9, lon: 103.2, lat: 38.6 }, { x: 0.9, y: 0.9, lon: NaN, lat: NaN }]);
    expect(editor.drawing?.tool).toBe("ground");
  });

  it("a mask is a polygon without a name", () => {
    const editor = run(begin(NOTHING), { do: "start", tool: "mask" }, ...put([0, 0], [0.2, 0], [0.2, 0.2]), { do: "end" });
    expect(editor.shapes.masks).toEqual([[[0, 0], [0.2, 0], [0.2, 0.2]]]);
  });
});

describe("changing", () => {
  const chosen = (corner: number | null): Action => ({ do: "choose", what: { kind: "zone", index: 0, corner } });

  it("a drag is one step back", () => {
    const before = zone();
    const dragged = run(before, chosen(2), { do: "move", to: [0.7, 0.7], stroke: "d1" }, { do: "move", to: [0.8, 0.8], stroke: "d1" });
    expect(dragged.shapes.zones[0]?.polygon[2]).toEqual([0.8, 0.8]);
    expect(run(dragged, { do: "undo" }).shapes).toBe(before.shapes);
    expect(run(dragged, { do: "undo" }, { do: "redo" }).shapes).toBe(dragged.shapes);
  });

  it("a corner that would make edges cross stays where it was", () => {
    const before = run(zone(), chosen(2));
    const after = run(before, { do: "move", to: [0.3, 0], stroke: "d" });
    expect(after.fault).toMatchObject({ kind: "crosses" });
    expect(after.shapes).toBe(before.shapes);
  });

  it("corners come and go, down to three", () => {
    const five = run(zone(), { do: "insert", after: 0, at: [0.3, 0.05] });
    expect(five.shapes.zones[0]?.polygon).toHaveLength(5);
    expect(five.chosen?.corner).toBe(1);
    const three = run(five, { do: "remove" }, chosen(0), { do: "remove" });
    expect(three.shapes.zones[0]?.polygon).toHaveLength(3);
    const refused = run(three, chosen(0), { do: "remove" });
    expect(refused.fault).toEqual({ kind: "few", count: 2 });
    expect(run(three, chosen(null), { do: "remove" }).shapes.zones).toHaveLength(0);
  });

  it("a zone that goes takes its rules with it, and undo brings both back", () => {
    const bound = run(
      zone(),
      { do: "bind", use: { rule: "closed-area", zone: "zone-1", line: null } },
      { do: "bind", use: { rule: "closed-area", zone: "zone-1", line: null } },
      { do: "bind", use: { rule: "camera-offline", zone: null, line: null } },
    );
    expect(bound.shapes.rules).toHaveLength(2);
    const without = run(bound, { do: "remove" });
    expect(without.shapes.rules).toEqual([{ rule: "camera-offline", zone: null, line: null }]);
    expect(run(without, { do: "undo" }).shapes.rules).toHaveLength(2);
  });

  it("typing a name is one step back", () => {
    const before = zone();
    const named = run(before, { do: "rename", name: "门" }, { do: "rename", name: "门前" });
    expect(named.shapes.zones[0]?.name).toBe("门前");
    expect(run(named, { do: "undo" }).shapes).toBe(before.shapes);
  });

  it("undo while drawing takes the last corner", () => {
    const editor = run(begin(NOTHING), { do: "start", tool: "zone" }, ...put([0, 0], [1, 0]), { do: "undo" });
    expect(editor.drawing?.points).toEqual([[0, 0]]);
  });

  it("whatever is done, no polygon ever crosses itself", () => {
    let seed = 7;
    const random = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647;
    let editor = zone();
    for (let i = 0; i < 600; i++) {
      const corner = Math.floor(random() * 6);
      const acts: Action[] = [
        { do: "move", to: [random(), random()], stroke: `s${i}` },
        { do: "insert", after: corner, at: [random(), random()] },
        { do: "remove" },
        { do: "undo" },
        { do: "redo" },
      ];
      const corners = editor.shapes.zones[0]?.polygon.length ?? 0;
      if (corners === 0) editor = zone();
      editor = run(editor, chosen(Math.min(corner, Math.max(0, corners - 1))), acts[Math.floor(random() * acts.length)] as Action);
      for (const each of editor.shapes.zones) expect(ringFault(each.polygon)).toBeNull();
    }
  });
});
