import { describe, expect, it } from "vitest";

import { NO_PLACES, NOBODY, countOf, ordered, runsLow, reasonFor, standing, told, without, type AlertSaid, type PopUp } from "./popups";

function said(id: string, more: Partial<AlertSaid> = {}): AlertSaid {
  return {
    id,
    severity: "P2",
    rule_kind: "zone_intrusion",
    source: "cam-1",
    source_kind: "camera",
    place: "gate",
    life: "active",
    ack: "unacked",
    verdict: null,
    grid_code: "330100001",
    evidence_id: null,
    raised_at: 1000,
    exercise: false,
    version: 1,
    merged_into: null,
    ...more,
  };
}

function after(...all: AlertSaid[]): string[] {
  return all.reduce(told, NOBODY).list.map((each) => each.id);
}

describe("alerts that pop up", () => {
  it("stand with the most severe first, then the newest", () => {
    expect(after(said("a"), said("b", { severity: "P1" }), said("c", { raised_at: 2000 }))).toEqual(["b", "c", "a"]);
  });

  it("stay until somebody has taken note, also when it is over", () => {
    const cleared = said("a", { life: "cleared", version: 2 });
    expect(after(said("a"), cleared)).toEqual(["a"]);
    expect(after(said("a"), cleared, said("a", { ack: "acked", version: 3 }))).toEqual([]);
  });

  it("go when they were judged or merged into another", () => {
    expect(after(said("a"), said("a", { verdict: "false", version: 2 }))).toEqual([]);
    expect(after(said("a"), said("a", { merged_into: "b", version: 2 }))).toEqual([]);
  });

  it("do not come back by news that was overtaken", () => {
    const { list } = told(told(NOBODY, said("a", { version: 5 })), said("a", { version: 4, severity: "P1" }));
    expect(list[0]?.severity).toBe("P2");
  });

  it("are there while an alert waits for a verdict, and not twice", () => {
    expect(after(said("a", { life: "pending" }))).toEqual(["a"]);
    expect(after(said("a"), said("a", { version: 2 }), said("a", { version: 3 }))).toEqual(["a"]);
    expect(without(told(NOBODY, said("a")), "a")).toEqual(NOBODY);
  });

  it("are bounded, and what is cut is the least severe", () => {
    const many = Array.from({ length: 250 }, (_, i) => said(`x${i}`, { severity: "P4" }));
    const waiting = [...many, said("top", { severity: "P1" })].reduce(told, NOBODY);
    expect([waiting.list.length, waiting.list[0]?.id, waiting.cut]).toEqual([200, "top", "P4"]);
  });

  it("are counted as far as they are known", () => {
    const gone = (list: typeof NOBODY, n: number) => list.list.slice(0, n).reduce((left, { id }) => without(left, id), list);
    const many = (severity: string, n: number) => Array.from({ length: n }, (_, i) => said(`${severity}${i}`, { severity }));
    const waiting = [...many("P1", 60), ...many("P2", 300)].reduce(told, NOBODY);
    expect([countOf(waiting, "P1", 99), countOf(waiting, "P2", 99), runsLow(waiting)]).toEqual(["60", "99+", false]);
    const fewer = gone(waiting, 120);
    expect([countOf(fewer, "P1", 99), countOf(fewer, "P2", 99), runsLow(fewer)]).toEqual(["", "80+", true]);
    expect(runsLow(gone(many("P1", 60).reduce(told, NOBODY), 60))).toBe(false);
  });

  it("read the same from the API and from the feed", () => {
    const fed = said("a", { raised_at: 1_767_225_600 });
    const answered = said("a", { raised_at: "2026-01-01T00:00:00.000Z", binding: { grid_code: "330100001" } });
    expect(told(NOBODY, fed)).toEqual(told(NOBODY, answered));
    expect(ordered([])).toEqual([]);
  });
});

describe("the places of the alerts", () => {
  const list = (ids: string) => [...ids].map((id) => told(NOBODY, said(id)).list[0] as PopUp);
  const full = standing(NO_PLACES, list("abc"), []);

  it("are kept while others come and go", () => {
    expect(full).toEqual(["a", "b", "c"]);
    expect(standing(full, list("ac"), [])).toEqual(["a", null, "c"]);
    expect(standing(["a", null, "c"], list("xac"), [])).toEqual(["a", "x", "c"]);
  });

  it("go from the least urgent to the newcomer, and nobody else moves", () => {
    expect(standing(full, list("xabc"), [])).toEqual(["a", "b", "x"]);
    expect(standing(full, list("abcx"), [])).toEqual(["a", "b", "c"]);
  });

  it("are not given away under the pointer", () => {
    expect(standing(full, list("xabc"), [2])).toEqual(["a", "x", "c"]);
    expect(standing(full, list("bcx"), [0])).toEqual([null, "b", "c"]);
    expect(standing([null, "b", "c"], list("bcx"), [])).toEqual(["x", "b", "c"]);
    expect(standing([null, null, null], list("x"), [0])).toEqual([null, "x", null]);
    expect(standing(["a", null, "c"], list("xyac"), [1, 2])).toEqual(["x", null, "c"]);
  });
});

describe("the reason in the register of looks", () => {
  it("is the alert while one of this camera waits", () => {
    const waiting = told(NOBODY, said("a"));
    const { list } = waiting;
    expect(reasonFor("cam-1", list)).toBe("alert");
    expect(reasonFor("cam-2", list)).toBe("patrol");
    expect(reasonFor("cam-1", without(waiting, "a").list)).toBe("patrol");
  });

  it("is no camera's for a sensor of the same name", () => {
    expect(reasonFor("cam-1", told(NOBODY, said("a", { source_kind: "sensor" })).list)).toBe("patrol");
  });
});
