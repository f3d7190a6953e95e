/** The drawn part of an entry of cameras.yaml, to be pasted there. Pure. */
import type { Shapes } from "./editor";
import type { Point, View } from "../types";

const number = (value: number): string => String(Math.round(value * 1e7) / 1e7);
const pair = ([x, y]: Point): string => `[${number(x)}, ${number(y)}]`;
const ring = (points: readonly Point[]): string => `[${points.map(pair).join(", ")}]`;
/** JSON's strings are YAML's double-quoted ones. */
const text = (value: string): string => JSON.stringify(value);

/** Keys of one entry below `cameras:`, indented as in the shipped file; empty lists are said too. */
export function yamlOf(shapes: Shapes, view: View): string {
  const lines: string[] = ["    view:", `      range_m: ${number(view.range_m)}`];
  for (const key of ["azimuth_deg", "fov_deg"] as const) if (view[key] !== null) lines.push(`      ${key}: ${number(view[key])}`);
  lines.push(...list("      ground_points", shapes.ground.map((p) => `{x: ${number(p.x)}, y: ${number(p.y)}, lon: ${number(p.lon)}, lat: ${number(p.lat)}}`), "        "));
  lines.push(...list("    zones", shapes.zones.map((zone) => `{id: ${zone.id}, name: ${text(zone.name)}, polygon: ${ring(zone.polygon)}}`), "      "));
  lines.push(...list("    lines", shapes.lines.map((line) => `{id: ${line.id}, name: ${text(line.name)}, a: ${pair(line.a)}, b: ${pair(line.b)}}`), "      "));
  lines.push(...list("    masks", shapes.masks.map(ring), "      "));
  const uses = shapes.rules.map((use) => {
    const place = use.zone ? `, zone: ${use.zone}` : use.line ? `, line: ${use.line}` : "";
    return `{rule: ${use.rule}${place}}`;
  });
  return [...lines, ...list("    rules", uses, "      ")].join("\n") + "\n";
}

function list(key: string, items: readonly string[], indent: string): string[] {
  return items.length ? [`${key}:`, ...items.map((item) => `${indent}- ${item}`)] : [`${key}: []`];
}
