import { describe, expect, it } from "vitest";

import { i18n, setLanguage } from "@/i18n";

import { faultIn, freshWindow, midnight, windowOf, windowWords, type Span, type WindowDraft } from "./window";

const SHANGHAI = "Asia/Shanghai";
const t = (key: string, named: Record<string, unknown> = {}): string => i18n.global.t(key, named);
const always: Span = { starts_at: null, ends_at: null, weekdays: [1, 2, 3, 4, 5, 6, 7], from_minute: 0, to_minute: 1440 };
const words = (more: Partial<Span>): string => windowWords({ ...always, ...more }, SHANGHAI, t);

describe("times in words", () => {
  it("are those of the county", () => {
    setLanguage("zh");
    expect(windowWords(null, SHANGHAI, t)).toBe("长期有效");
    expect(words({})).toBe("长期有效");
    expect(words({ weekdays: [1, 2, 3, 4, 5], from_minute: 480, to_minute: 1080 })).toBe("每周一至周五 8:00–18:00");
    expect(words({ weekdays: [7, 6] })).toBe("每周六、周日 全天");
    expect(words({ from_minute: 1320, to_minute: 390 })).toBe("每天 22:00–次日 6:30");
  });

  it("tell the days of the site's zone, the last one that counts included", () => {
    setLanguage("zh");
    const dates = { starts_at: "2025-12-31T16:00:00Z", ends_at: "2026-03-31T16:00:00Z" };
    expect(words(dates)).toBe("2026-01-01 至 2026-03-31");
    expect(words({ ...dates, weekdays: [1, 3], ends_at: null })).toBe("每周一、周三 全天，2026-01-01 起");
    expect(words({ ends_at: dates.ends_at })).toBe("至 2026-03-31 止");
  });

  it("read in English too", () => {
    setLanguage("en");
    expect(words({ weekdays: [1, 2, 3, 4, 5], from_minute: 480, to_minute: 1080 })).toBe("Mon–Fri 8:00–18:00");
    expect(words({ from_minute: 1320, to_minute: 360 })).toBe("every day 22:00–6:00 the next day");
  });
});

describe("a time that is written", () => {
  const draft = (more: Partial<WindowDraft> = {}): WindowDraft => ({ ...freshWindow(), ...more });

  it("begins and ends at the midnights of the site", () => {
    expect(windowOf(draft({ from: "2026-01-01", to: "2026-03-31" }), SHANGHAI)).toEqual({
      starts_at: "2025-12-31T16:00:00.000Z", ends_at: "2026-03-31T16:00:00.000Z", weekdays: [1, 2, 3, 4, 5], from_minute: 480, to_minute: 1080,
    });
    expect(windowOf(draft({ wholeDay: true, days: [3, 1] }), SHANGHAI)).toEqual({ ...always, weekdays: [1, 3] });
  });

  it("finds them also on days on which the clocks are changed", () => {
    expect(midnight("2026-03-29", 0, "Europe/Berlin")).toBe("2026-03-28T23:00:00.000Z");
    expect(midnight("2026-03-29", 1, "Europe/Berlin")).toBe("2026-03-29T22:00:00.000Z");
    expect(midnight("2026-10-25", 1, "Europe/Berlin")).toBe("2026-10-25T23:00:00.000Z");
  });

  it("is wrong without a day, without hours, and where it ends before it begins", () => {
    expect(faultIn(draft())).toBeNull();
    expect(faultIn(draft({ days: [] }))).toBe("window.noDay");
    expect(faultIn(draft({ ends: "" }))).toBe("window.noHours");
    expect(faultIn(draft({ ends: "", wholeDay: true }))).toBeNull();
    expect(faultIn(draft({ from: "2026-02-01", to: "2026-01-31" }))).toBe("window.reversed");
  });
});
