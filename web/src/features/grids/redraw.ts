/** A redraw before it is sent, and how what it changes is told and drawn. Pure. */
import type { Change, Fault, Preview } from "./data";

export const DATUMS = ["wgs84", "gcj02"] as const;
export type Datum = (typeof DATUMS)[number];

const KNOWN = ["code", "name", "kind", "scheme", "parent", "centre"];

export interface Sheet {
  /** As the file says, null where it does not. */
  datum: Datum | null;
  features: unknown[];
  /** Properties that mean nothing to the hub. */
  ignored: string[];
}

/** The grids of a GeoJSON file; null for anything else. What drawing programs add is left out. */
export function sheetOf(text: string): Sheet | null {
  const file = parsed(text);
  if (file?.type !== "FeatureCollection" || !Array.isArray(file.features)) return null;
  const ignored = new Set<string>();
  const features = (file.features as Record<string, unknown>[]).map(({ type, geometry, properties }) => {
    const given = Object.entries((properties ?? {}) as Record<string, unknown>);
    for (const [name] of given) if (!KNOWN.includes(name)) ignored.add(name);
    return { type, geometry, properties: Object.fromEntries(given.filter(([name]) => KNOWN.includes(name))) };
  });
  const datum = DATUMS.find((each) => each === file.datum) ?? null;
  return { datum, features, ignored: [...ignored].sort() };
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** What is sent of a file whose datum is known. */
export function bodyOf({ features }: Sheet, datum: Datum): string {
  return JSON.stringify({ type: "FeatureCollection", datum, features });
}

/** What happens to a grid in one word: the gravest of it. */
export const KINDS = ["retired", "split", "merged", "added", "recoded", "reshaped", "reparented", "retyped", "renamed", "served"] as const;
export type Kind = (typeof KINDS)[number];

export function kindOf({ kinds }: Pick<Change, "kinds">): Kind {
  return KINDS.find((kind) => kinds.includes(kind)) ?? "renamed";
}

/** Numbers by kind; a grid to which several things happen counts for each. */
export function countsOf(changes: readonly Change[]): Partial<Record<Kind, number>> {
  const found: Partial<Record<Kind, number>> = {};
  for (const { kinds } of changes) for (const kind of kinds) found[kind] = (found[kind] ?? 0) + 1;
  return found;
}

export interface Look {
  colour: string;
  dash?: string;
  fill: number;
}

const OTHER: Look = { colour: "#0b57c2", fill: 0.08 };
/** By the gravest kind. What is there no more is dashed: colour alone tells nothing. */
export const LOOKS: Partial<Record<Kind, Look>> = {
  retired: { colour: "#4c5a6b", dash: "6 5", fill: 0.12 },
  split: { colour: "#6d3fb0", fill: 0.18 },
  merged: { colour: "#6d3fb0", fill: 0.18 },
  added: { colour: "#12703a", fill: 0.2 },
  recoded: { colour: "#12703a", fill: 0.1 },
  reshaped: { colour: "#a34a00", fill: 0.2 },
};
export const OLD: Look = { colour: "#4c5a6b", dash: "6 5", fill: 0 };
export const FAULT: Look = { colour: "#b3211b", fill: 0.45 };

export const lookOf = (kind: Kind): Look => LOOKS[kind] ?? OTHER;

/** Whether the drawing can be brought in as it is, after an exception is written, or not at all. */
export type Verdict = "same" | "file" | "broken" | "excusable" | "sound";

export function verdictOf({ files, sound, faults, changes, added, changed, retired }: Preview): Verdict {
  if (files.length > 0) return "file";
  if (!sound) return "broken";
  if (faults.length > 0) return "excusable";
  return changes.length + added + changed + retired === 0 ? "same" : "sound";
}

/** Whether it may be brought in with this exception and this reason. */
export function ready(found: Preview, exception: string, why: string): boolean {
  const verdict = verdictOf(found);
  if (why.trim() === "") return false;
  return verdict === "sound" || (verdict === "excusable" && exception.trim() !== "");
}

/** Square metres as people say them. */
export function areaOf(m2: number, language: string): string {
  const number = (value: number, digits: number): string => new Intl.NumberFormat(language === "zh" ? "zh-CN" : "en-GB", { maximumFractionDigits: digits }).format(value);
  if (m2 >= 1e6) return `${number(m2 / 1e6, 2)} km²`;
  return m2 >= 1e4 ? `${number(m2 / 1e4, 1)} ha` : `${number(m2, 0)} m²`;
}

type Spot = readonly [number, number];
interface Shape {
  coordinates?: unknown;
  geometries?: readonly Shape[];
}

/** West, south, east, north of a GeoJSON geometry; null for none. */
export function boundsOf(...shapes: readonly (Shape | null | undefined)[]): [number, number, number, number] | null {
  let [west, south, east, north] = [Infinity, Infinity, -Infinity, -Infinity];
  const take = (at: unknown): void => {
    if (!Array.isArray(at)) return;
    if (typeof at[0] !== "number") return at.forEach(take);
    const [lon, lat] = at as unknown as Spot;
    [west, south, east, north] = [Math.min(west, lon), Math.min(south, lat), Math.max(east, lon), Math.max(north, lat)];
  };
  for (const shape of shapes) {
    take(shape?.coordinates);
    for (const part of shape?.geometries ?? []) take(part.coordinates);
  }
  return west <= east ? [west, south, east, north] : null;
}

/** The worst first: what nothing excuses, then by size. */
export function ordered(faults: readonly Fault[]): Fault[] {
  return faults.toSorted((a, b) => Number(a.excusable) - Number(b.excusable) || b.area_m2 - a.area_m2);
}
