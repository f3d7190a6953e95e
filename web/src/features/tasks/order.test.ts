import { describe, expect, it } from "vitest";

import { aTask, anItem, ME, NOW } from "./given";
import { inOrder, isOpen, lineOf } from "./order";
import type { LonLat } from "./types";

const HERE: LonLat = { lon: 103.2, lat: 38.6 };
const at = (metresNorth: number): LonLat => ({ lon: 103.2, lat: 38.6 + metresNorth / 111_195 });
const due = (accept_by: string) => ({ ...aTask("x").brief.due, accept_by });

const TASKS = [
  aTask("far-soon", {}, { position: at(5000), due: due("2026-03-01T08:01:00.000Z") }),
  aTask("near-late", {}, { position: at(100), due: due("2026-03-01T08:30:00.000Z") }),
  aTask("nowhere", {}, { position: null, due: due("2026-03-01T08:10:00.000Z") }),
  aTask("taken", { state: "accepted", assignee: "somebody" }, { position: at(1) }),
  aTask("grave", {}, { position: at(800), severity: "P1", due: due("2026-03-01T08:10:00.000Z") }),
  aTask("slight", {}, { position: at(700), severity: "P3", due: due("2026-03-01T08:10:00.000Z") }),
];
const lines = (here: LonLat | null) => TASKS.map((task) => lineOf(task, [], ME, here, NOW));
const ids = (order: "clock" | "distance", here: LonLat | null) =>
  inOrder(lines(here), order).map((line) => line.task.id);

describe("the list", () => {
  it("by clock has what is due first at the top, the graver first among equals", () => {
    expect(ids("clock", HERE)).toEqual(["far-soon", "grave", "nowhere", "slight", "near-late", "taken"]);
  });

  it("by distance has the nearest at the top and the unknown places at the end", () => {
    expect(ids("distance", HERE)).toEqual(["near-late", "slight", "grave", "far-soon", "nowhere", "taken"]);
  });

  it("by distance without a position is by clock", () => {
    expect(ids("distance", null)).toEqual(ids("clock", null));
  });

  it("counts what was said on this phone", () => {
    const task = aTask("a");
    expect(isOpen(lineOf(task, [], ME, null, NOW))).toBe(true);
    const line = lineOf(task, [anItem("a", "accept"), anItem("a", "done")], ME, null, NOW);
    expect([line.state, isOpen(line), line.due]).toEqual(["done", false, null]);
  });

  it("knows what another has taken", () => {
    expect(lineOf(aTask("a", { assignee: ME }), [], ME, null, NOW).taken).toBe(false);
    expect(lineOf(aTask("a", { assignee: "x" }), [], ME, null, NOW).taken).toBe(true);
  });

  it("is taken over as soon as it was said, and begins anew from there", () => {
    const theirs = aTask("a", { state: "on_scene", assignee: "x" });
    const said = anItem("a", "take_over");
    const line = lineOf(theirs, [said], ME, null, NOW);
    expect([line.taken, line.state]).toEqual([false, "accepted"]);
    expect(lineOf(theirs, [{ ...said, state: "refused" }], ME, null, NOW).taken).toBe(true);
    expect(lineOf(theirs, [{ ...said, state: "sent" }], ME, null, NOW).taken, "they took it back").toBe(true);
    const heard = aTask("a", { state: "accepted", assignee: ME });
    const before = [anItem("a", "on_way", { state: "sent" }), anItem("a", "take_over", { state: "sent" })];
    expect(lineOf(heard, before, ME, null, NOW).state).toBe("accepted");
  });
});
