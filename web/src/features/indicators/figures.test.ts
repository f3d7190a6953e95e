import { describe, expect, it } from "vitest";

import type { Indicator, Sheet } from "./data";
import { dayIn, figureOf, lasted, misses, periodOf, queryOf, shifted, shown, stepOf, trendOf } from "./figures";

const rate = { more_is_better: true, unit: "share", target: 0.95 } as Indicator;
const faults = { more_is_better: false, unit: "share", target: null } as Indicator;

describe("periods", () => {
  it("are the site's days", () => {
    const late = Date.parse("2026-11-22T17:30:00Z");
    expect(dayIn(late, "Asia/Shanghai")).toBe("2026-11-23");
    expect(dayIn(late, "UTC")).toBe("2026-11-22");
  });

  it("have names", () => {
    const today = "2026-11-22"; // a Sunday
    expect(periodOf("week", today)).toEqual({ first: "2026-11-16", last: "2026-11-22" });
    expect(periodOf("lastWeek", today)).toEqual({ first: "2026-11-09", last: "2026-11-15" });
    expect(periodOf("month", today)).toEqual({ first: "2026-11-01", last: "2026-11-30" });
    expect(periodOf("lastMonth", "2026-01-05")).toEqual({ first: "2025-12-01", last: "2025-12-31" });
    expect(periodOf("year", today)).toEqual({ first: "2026-01-01", last: "2026-12-31" });
    expect(shifted("2026-03-01", -1)).toBe("2026-02-28");
  });

  it("are cut into some twenty parts", () => {
    expect(stepOf(periodOf("month", "2026-11-22"))).toBe("day");
    expect(stepOf({ first: "2026-01-01", last: "2026-06-30" })).toBe("week");
    expect(stepOf(periodOf("year", "2026-11-22"))).toBe("month");
  });

  it("ask for one's own ground where no grid is named", () => {
    expect(queryOf({ grid: null, first: "a", last: "b" })).toBe("first=a&last=b");
    expect(queryOf({ grid: "37", first: "a", last: "b" }, { by: "closed" })).toBe("first=a&last=b&grid=37&by=closed");
  });
});

describe("figures", () => {
  it("are read as per cent, ratios as numbers, and nothing as nothing", () => {
    expect(shown(0.9662, "share", "en")).toBe("96.6%");
    expect(shown(1234.56, "ratio", "en")).toBe("1,234.6");
    expect(shown(null, "share", "zh")).toBe("–");
  });

  it("are better or worse by what is good", () => {
    expect(trendOf(0.9, 0.8, rate)).toBe("better");
    expect(trendOf(0.9, 0.8, faults)).toBe("worse");
    expect(trendOf(0.9, 0.899, rate)).toBe("same");
    expect(trendOf(0.9, null, rate)).toBeNull();
    expect(trendOf(undefined, 0.1, rate)).toBeNull();
  });

  it("miss a target only where there is one and something was counted", () => {
    expect(misses(0.94, rate)).toBe(true);
    expect(misses(0.95, rate)).toBe(false);
    expect(misses(null, rate)).toBeNull();
    expect(misses(0.5, faults)).toBeNull();
  });

  it("are found by name", () => {
    const sheet = { figures: [{ indicator: "closed", value: 1, hits: 1, of: 1 }] } as unknown as Sheet;
    expect(figureOf(sheet, "closed")?.value).toBe(1);
    expect(figureOf(sheet, "charm")).toBeUndefined();
    expect(figureOf(undefined, "closed")).toBeUndefined();
  });

  it("last in the two largest units", () => {
    expect(lasted(null)).toBeNull();
    expect(lasted(59.6)).toEqual({ unit: "min", n: 1, rest: 0 });
    expect(lasted(59.4)).toEqual({ unit: "s", n: 59, rest: 0 });
    expect(lasted(3725)).toEqual({ unit: "h", n: 1, rest: 2 });
    expect(lasted(90_000)).toEqual({ unit: "d", n: 1, rest: 1 });
  });
});
