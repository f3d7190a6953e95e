import { describe, expect, it } from "vitest";

import { ordered, reasonFor, seated, told, without, type AlertSaid, type PopUp } from "./popups";

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
  return all.reduce<readonly PopUp[]>(told, []).map((each) => each.id);
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
    const list = told(told([], said("a", { version: 5 })), said("a", { version: 4, severity: "P1" }));
    expect(list[0]?.severity).toBe("P2");
  });

  it("are there while an alert waits for a verdict, and not twice", () => {
    expect(after(said("a", { life: "pending" }))).toEqual(["a"]);
    expect(after(said("a"), said("a", { version: 2 }), said("a", { version: 3 }))).toEqual(["a"]);
    expect(without(told([], said("a")), "a")).toEqual([]);
  });

  it("are bounded, and what is cut is the least severe", () => {
    const many = Array.from({ length: 250 }, (_, i) => said(`x${i}`, { severity: "P4" }));
    const list = [...many, said("top", { severity: "P1" })].reduce<readonly PopUp[]>(told, []);
    expect(list).toHaveLength(200);
    expect(list[0]?.id).toBe("top");
  });

  it("keep their picture while others come and go", () => {
    const list = (ids: string) => [...ids].map((id) => told([], said(id))[0] as PopUp);
    const first = seated(new Map(), list("abc"));
    expect([...first]).toEqual([["a", 0], ["b", 1], ["c", 2]]);
    const second = seated(first, list("xab"));
    expect([second.get("a"), second.get("b"), second.get("x")]).toEqual([0, 1, 2]);
    expect(seated(second, list("xab"))).toBe(second);
  });

  it("read the same from the API and from the feed", () => {
    const fed = said("a", { raised_at: 1_767_225_600 });
    const answered = said("a", { raised_at: "2026-01-01T00:00:00.000Z", binding: { grid_code: "330100001" } });
    expect(told([], fed)).toEqual(told([], answered));
    expect(ordered([])).toEqual([]);
  });
});

describe("the reason in the register of looks", () => {
  it("is the alert while one of this camera waits", () => {
    const list = told([], said("a"));
    expect(reasonFor("cam-1", list)).toBe("alert");
    expect(reasonFor("cam-2", list)).toBe("patrol");
    expect(reasonFor("cam-1", without(list, "a"))).toBe("patrol");
  });

  it("is no camera's for a sensor of the same name", () => {
    expect(reasonFor("cam-1", told([], said("a", { source_kind: "sensor" })))).toBe("patrol");
  });
});
