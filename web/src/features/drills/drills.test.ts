import { describe, expect, it } from "vitest";

import type { Drill, Item } from "./data";
import { countOf, faultyOf, freshDraft, goodOf, keyOf, likely, minuteOf, timeOf, wanted } from "./drills";

const gate: Item = { kind: "camera", subject: "gate", label: "东门", grid_code: "1", found: "offline", result: "open", faults: [], note: "", answered_by: null, answered_at: null, version: 3 };

describe("a roll call", () => {
  it("is answered at the version that was looked at", () => {
    expect(goodOf(gate)).toEqual({ kind: "camera", subject: "gate", result: "good", faults: [], note: "", version: 3 });
  });

  it("wants to know what is wrong", () => {
    expect(faultyOf(gate, freshDraft(gate))).toBeNull();
    expect(faultyOf(gate, { faults: ["covered"], note: " 树枝 " })).toMatchObject({ result: "faulty", faults: ["covered"], note: "树枝" });
  });

  it("offers what the hub saw itself", () => {
    expect(likely(gate)).toEqual(["no_picture"]);
    expect(likely({ ...gate, found: "frozen" })).toEqual(["frozen"]);
    expect(likely({ ...gate, found: "online" })).toEqual([]);
    expect(likely({ ...gate, kind: "post", found: "" })).toEqual([]);
  });

  it("shows what is open, or all", () => {
    const done: Item = { ...gate, subject: "yard", result: "good" };
    expect(wanted([gate, done], true).map(keyOf)).toEqual(["camera/gate"]);
    expect(wanted([gate, done], false)).toHaveLength(2);
  });

  it("is counted by kind", () => {
    const drill = { counts: [{ kind: "camera", open: 1, good: 1, faulty: 0, missed: 0, share: 0.5 }] } as unknown as Drill;
    expect(countOf(drill, "camera")?.share).toBe(0.5);
    expect(countOf(drill, "post")).toBeNull();
  });

  it("is held at a time of day", () => {
    expect(minuteOf("09:30")).toBe(570);
    expect(minuteOf("24:00")).toBeNull();
    expect(minuteOf("")).toBeNull();
    expect(timeOf({ minute: 570 })).toBe("09:30");
    expect(timeOf({ minute: 0 })).toBe("00:00");
  });
});
