import { describe, expect, it } from "vitest";

import { safeNext } from "@/app/next";

import { isTyping, nameOf } from "./keys";
import { agoOf, clockIn } from "./time";

describe("times", () => {
  it("are named by their largest unit", () => {
    const now = 1_000_000_000;
    const ago = (s: number) => agoOf(now - s * 1000, now);
    expect(ago(-9)).toEqual({ unit: "now", n: 0 });
    expect(ago(59)).toEqual({ unit: "s", n: 59 });
    expect(ago(60)).toEqual({ unit: "min", n: 1 });
    expect(ago(7_300)).toEqual({ unit: "h", n: 2 });
    expect(ago(200_000)).toEqual({ unit: "d", n: 2 });
  });

  it("are shown in the zone of the site", () => {
    expect(clockIn("2026-01-01T20:00:00Z", "Asia/Shanghai", "zh")).toBe("04:00:00");
  });
});

describe("keys", () => {
  it("are named with what is held", () => {
    expect(nameOf(new KeyboardEvent("keydown", { key: "s", ctrlKey: true }))).toBe("Ctrl+s");
    expect(nameOf(new KeyboardEvent("keydown", { key: "?", shiftKey: true }))).toBe("?");
    expect(nameOf(new KeyboardEvent("keydown", { key: "Tab", shiftKey: true }))).toBe("Shift+Tab");
  });

  it("belong to the field somebody types in", () => {
    document.body.innerHTML = "<input id=a><input id=b type=checkbox><dialog><button id=c></button></dialog>";
    expect(["a", "b", "c"].map((id) => isTyping(document.getElementById(id)))).toEqual([true, false, true]);
  });
});

describe("the page after the login", () => {
  it("is one of ours", () => {
    expect(safeNext("/alerts/a1?x=1")).toBe("/alerts/a1?x=1");
    for (const bad of ["//evil.example", "/\\evil.example", "https://evil.example", "/login", 3]) {
      expect(safeNext(bad)).toBeNull();
    }
  });
});
