/** For tests: what the hub would answer. */
import type { Change, Fault, Preview, Version } from "./data";

const SQUARE = { type: "Polygon", coordinates: [[[120, 36], [120.1, 36], [120.1, 36.1], [120, 36]]] };
const AT = "2026-01-01T00:00:00.000Z";

export function aChange(code: string, more: Partial<Change> = {}): Change {
  return {
    code, kinds: ["reshaped"], grid_kind: "civil", name: `Grid ${code}`, name_before: `Grid ${code}`, parent: "V", parent_before: "V", centre: null, centre_before: null,
    area_before_m2: 500_000, area_after_m2: 400_000, moved: 0.2, heirs: [], origins: [], geometry: SQUARE, geometry_before: SQUARE, ...more,
  };
}

export function aFault(kind: Fault["kind"], more: Partial<Fault> = {}): Fault {
  return { kind, codes: ["a"], text: `${kind}: a`, area_m2: 100, at: null, excusable: true, geometry: SQUARE, ...more };
}

export function aPreview(more: Partial<Preview> = {}): Preview {
  const stakes = { grants: [], people: 0, posts: [], turns: 0, mutes: 0, incidents: 0, centres_lost: [] };
  return { seen: "word-1", sound: true, faults: [], files: [], changes: [aChange("a")], added: 0, changed: 1, retired: 0, unchanged: 3, moves: [], stakes, newest: 1, not_before: AT, ...more };
}

export function aVersion(no: number, more: Partial<Version> = {}): Version {
  return {
    no, state: "in_force", at: AT, by: "Wang", why: `minutes ${no}`, exception: "", valid_from: AT, managed_by: "api", origin: null, added: 1, changed: 2, retired: 0,
    settled_at: AT, withdrawn_at: null, withdrawn_by: null, ...more,
  };
}
