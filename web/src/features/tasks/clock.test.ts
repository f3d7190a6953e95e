import { describe, expect, it } from "vitest";

import { deadline } from "./clock";

const START = "2026-03-01T08:00:00.000Z";
const DUE = {
  accept_by: "2026-03-01T08:05:00.000Z",
  on_scene_by: "2026-03-01T09:00:00.000Z",
  handle_by: "2026-03-02T08:00:00.000Z",
};
const minute = (n: number) => Date.parse(START) + n * 60_000;

describe("deadline", () => {
  it.each([
    ["queued", 0, "accept", "calm", "min", 5],
    ["delivered", 4.1, "accept", "soon", "soon", 0],
    ["delivered", 5, "accept", "late", "soon", 0],
    ["delivered", 17.5, "accept", "late", "min", 12],
    ["accepted", 6, "on_scene", "calm", "min", 54],
    ["on_way", 50, "on_scene", "soon", "min", 10],
    ["on_scene", 70, "handle", "calm", "h", 22],
    ["on_scene", 60 * 24 * 4, "handle", "late", "d", 3],
  ] as const)("%s after %d min: %s, %s", (state, after, step, pressure, unit, n) => {
    expect(deadline(state, DUE, START, minute(after))).toMatchObject({ step, pressure, unit, n });
  });

  it("is that of the handling where nobody asks for an arrival", () => {
    expect(deadline("accepted", { ...DUE, on_scene_by: null }, START, minute(1))?.step).toBe("handle");
  });

  it("is none when it is over", () => {
    expect(deadline("done", DUE, START, minute(1))).toBeNull();
    expect(deadline("void", DUE, START, minute(1))).toBeNull();
  });
});
