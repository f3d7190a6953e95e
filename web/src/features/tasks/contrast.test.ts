import { readFileSync } from "node:fs";

import { expect, it } from "vitest";

const css = readFileSync("src/features/tasks/phone.css", "utf-8");
const colours = new Map([...css.matchAll(/--p-([\w-]+): (#[0-9a-f]{6});/g)].map((found) => [found[1], found[2]]));

/** Relative luminance and contrast, as WCAG 2.2 defines them. */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = parseInt(colour.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [x, y] = [colours.get(a), colours.get(b)].map((colour) => luminance(String(colour))) as [number, number];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

it.each([
  ["text", "bg"],
  ["soft", "bg"],
  ["go", "bg"],
  ["on-go", "go"],
  ["fine", "bg"],
  ["warn", "bg"],
  ["bad", "bg"],
  ["text", "tint"],
  ["soft", "tint"],
  ["warn", "warn-tint"],
  ["soft", "warn-tint"],
  ["bad", "bad-tint"],
  ["warn", "bad-tint"],
  ["fine", "bad-tint"],
  ["on-p", "p1"],
  ["on-p", "p2"],
  ["on-p", "p3"],
  ["on-p", "p4"],
])("%s on %s is readable in the sun (7 to 1)", (a, b) => {
  expect(contrast(a, b)).toBeGreaterThanOrEqual(7);
});

it("knows black from white", () => {
  expect(luminance("#ffffff")).toBeCloseTo(1, 5);
  expect(luminance("#000000")).toBe(0);
});
