import { describe, expect, it } from "vitest";

import { tabsOf } from "./tabs";

const held = (grid: string | null, unit: string | null) => ({ role: "worker", grid, unit, window: null, until: null }) as never;

describe("the tables of the indicators", () => {
  it("are all there for who compares grids", () => {
    expect(tabsOf({ grants: [held(null, null)], actions: ["indicators.read", "indicators.rank"] })).toEqual(["figures", "league", "departments", "weekly"]);
  });

  it("are the own grid's for who is judged there", () => {
    expect(tabsOf({ grants: [held("a", null)], actions: ["indicators.read"] })).toEqual(["figures"]);
  });

  it("are its own line for a department", () => {
    expect(tabsOf({ grants: [held(null, "fire")], actions: ["indicators.read"] })).toEqual(["departments"]);
  });
});
