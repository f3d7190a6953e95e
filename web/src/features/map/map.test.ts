import L from "leaflet";
import { describe, expect, it } from "vitest";

import { gcj02 } from "@/features/tasks/datum";
import { distanceM } from "@/features/tasks/geo";

import { binned, lookOf, sharesOf, sideOf } from "./bins";
import { crsOf, GCJ02 } from "./crs";
import { fromGcj02, wgs84 } from "./datum";
import { boxOf, cone, hull, inside, meets, nearest } from "./geo";
import { gridsAt, labels, seen, shapeOf, styleOf, widthOf, type Feature, type GridKind, type GridShape } from "./grids";
import { chosenFrom } from "./layers";
import { find, type Entry } from "./search";
import { placeFrom } from "./stage";

/** GCJ-02 and what `hub.kit.datum.gcj02_to_wgs84` makes of it. */
const BACK = [
  [103.21239631538573, 38.61044525876964, 103.21, 38.61],
  [105.61258832043626, 33.32601103963841, 105.609, 33.328],
  [120.71616441494356, 36.9763227221411, 120.7113, 36.9758],
] as const;

describe("positions in GCJ-02", () => {
  it.each(BACK)("%f, %f comes back to where the hub says", (east, north, lon, lat) => {
    const made = wgs84({ lon: east, lat: north, datum: "gcj02" });
    expect(made.lon).toBeCloseTo(lon, 8);
    expect(made.lat).toBeCloseTo(lat, 8);
  });

  it("of the register in WGS-84, and all abroad, stay", () => {
    expect(wgs84({ lon: 103.2, lat: 38.6, datum: "wgs84" })).toEqual({ lon: 103.2, lat: 38.6 });
    expect(fromGcj02({ lon: 2.35, lat: 48.85 })).toEqual({ lon: 2.35, lat: 48.85 });
  });
});

describe("a base map in GCJ-02", () => {
  const here = L.latLng(38.61, 103.21);

  it("has our positions drawn where its own tiles show them", () => {
    const there = gcj02({ lon: here.lng, lat: here.lat });
    const drawn = GCJ02.latLngToPoint(here, 17);
    const tile = L.CRS.EPSG3857.latLngToPoint(L.latLng(there.lat, there.lon), 17);
    expect(drawn.distanceTo(tile)).toBeLessThan(0.01);
    expect(drawn.distanceTo(L.CRS.EPSG3857.latLngToPoint(here, 17))).toBeGreaterThan(100);
  });

  it("gives back what was clicked in WGS-84", () => {
    const back = GCJ02.pointToLatLng(GCJ02.latLngToPoint(here, 17), 17);
    expect(back.lat).toBeCloseTo(here.lat, 7);
    expect(back.lng).toBeCloseTo(here.lng, 7);
  });

  it("is the only one that is shifted", () => {
    expect(crsOf("wgs84")).toBe(L.CRS.EPSG3857);
    expect(crsOf("gcj02")).toBe(GCJ02);
  });
});

const HERE = { lon: 103.2, lat: 38.6 };

describe("a view cone", () => {
  it("begins at the camera and lies around its azimuth", () => {
    const [mast, ...arc] = cone(HERE, 90, 60, 50);
    expect(mast).toEqual(HERE);
    for (const point of arc) {
      expect(distanceM(HERE, point)).toBeCloseTo(50, 0);
      expect(point.lon).toBeGreaterThan(HERE.lon);
    }
    const [first, last] = [arc[0], arc.at(-1)];
    expect(first?.lat).toBeGreaterThan(HERE.lat);
    expect(last?.lat).toBeLessThan(HERE.lat);
  });
});

describe("a hull", () => {
  it("leaves out what is inside", () => {
    const square = [[0, 0], [2, 0], [2, 2], [0, 2], [1, 1], [1, 0]].map(([lon, lat]) => ({ lon, lat }) as typeof HERE);
    expect(hull(square)).toEqual([[0, 0], [2, 0], [2, 2], [0, 2]].map(([lon, lat]) => ({ lon, lat })));
  });
});

describe("who is near", () => {
  it("comes nearest first, only so many", () => {
    const items = [0.03, 0.01, 0.02].map((east) => ({ at: { lon: HERE.lon + east, lat: HERE.lat } }));
    const found = nearest(items, HERE, 2);
    expect(found.map(({ item }) => items.indexOf(item))).toEqual([1, 2]);
    expect(found[0]?.metres).toBeGreaterThan(860);
    expect(found[0]?.metres).toBeLessThan(880);
  });
});

function square(code: string, kind: GridKind, tier: number, west: number, south: number, side: number): GridShape {
  const [east, north] = [west + side, south + side];
  const ring: [number, number][] = [[west, south], [east, south], [east, north], [west, north], [west, south]];
  const feature: Feature = { properties: { code, name: code, kind, tier, parent: null }, geometry: { coordinates: [[ring]] } };
  return shapeOf(feature) as GridShape;
}

const GRIDS = [
  square("county", "civil", 0, 103, 38, 1),
  square("town", "civil", 1, 103, 38, 0.5),
  square("base", "civil", 3, 103.2, 38.2, 0.01),
  square("beat", "police", 0, 103, 38, 0.6),
];

describe("grids", () => {
  it("have their middle and their box", () => {
    expect(GRIDS[1]?.box).toEqual([103, 38, 103.5, 38.5]);
    expect(GRIDS[1]?.middle.lon).toBeCloseTo(103.25, 6);
    expect(GRIDS[1]?.middle.lat).toBeCloseTo(38.25, 6);
  });

  it("are drawn when they are in view, large enough and wanted", () => {
    const codes = (pxPerDeg: number, kinds: GridKind[]) => seen(GRIDS, [103.1, 38.1, 103.3, 38.3], pxPerDeg, new Set(kinds)).map(({ code }) => code);
    expect(codes(500, ["civil", "police"])).toEqual(["county", "town", "beat"]);
    expect(codes(5000, ["civil"])).toEqual(["county", "town", "base"]);
    expect(seen(GRIDS, [110, 38, 111, 39], 5000, new Set<GridKind>(["civil"]))).toEqual([]);
  });

  it("over a point are told by kind and from large to small", () => {
    expect(gridsAt(GRIDS, { lon: 103.205, lat: 38.205 }).map(({ code }) => code)).toEqual(["county", "town", "base", "beat"]);
    expect(gridsAt(GRIDS, { lon: 103.9, lat: 38.9 }).map(({ code }) => code)).toEqual(["county"]);
  });

  it("with a hole do not hold what is in it", () => {
    const ring = (a: number, b: number) => [{ lon: a, lat: a }, { lon: b, lat: a }, { lon: b, lat: b }, { lon: a, lat: b }, { lon: a, lat: a }];
    expect(inside([ring(0, 9), ring(3, 6)], { lon: 4, lat: 4 })).toBe(false);
    expect(inside([ring(0, 9), ring(3, 6)], { lon: 1, lat: 4 })).toBe(true);
  });

  it("have thinner borders the deeper they are, and others dashed ones", () => {
    const weights = [0, 1, 2, 3, 7].map((tier) => styleOf({ kind: "civil", tier }).weight);
    expect(weights).toEqual(weights.toSorted((a, b) => b - a));
    expect(styleOf({ kind: "police", tier: 0 }).dash).toBeTruthy();
  });

  it("are named where the name fits and covers no other", () => {
    const at = (text: string, x: number, width = 200) => ({ text, x, y: 50, width, height: 60 });
    expect(labels([at("柳溪镇", 100), at("柳溪村", 110), at("北山村", 200), at("一个很长的名字", 400, 40)]).map(({ text }) => text)).toEqual(["柳溪镇", "北山村"]);
    expect(widthOf("柳溪")).toBeGreaterThan(widthOf("ab"));
  });
});

describe("bins", () => {
  const spots = [{ x: 5, y: 5 }, { x: 9, y: 7 }, { x: 300, y: 300 }];

  it("hold what lies in one square, at its mean", () => {
    const bins = binned(spots, (spot) => spot, 64);
    expect(bins.map(({ items }) => items.length)).toEqual([2, 1]);
    expect(bins[0]).toMatchObject({ x: 7, y: 6 });
  });

  it("are as many as the things are, in sum, for a whole county", () => {
    const county = Array.from({ length: 4900 }, (_, n) => ({ x: (n * 7919) % 1920, y: (n * 104_729) % 1080 }));
    const bins = binned(county, (spot) => spot, sideOf(county.length));
    expect(bins.reduce((sum, { items }) => sum + items.length, 0)).toBe(4900);
    expect(bins.length).toBeLessThan(600);
  });

  it("count their states by look", () => {
    expect(sharesOf(["online", "online", "stale", "frozen", "offline", "unknown", "disabled"])).toEqual({ good: 2, warn: 2, bad: 1, off: 2 });
    expect(lookOf("whatever")).toBe("off");
  });
});

describe("search", () => {
  const entries: Entry[] = [
    { kind: "camera", id: "cam-1", name: "东门 / East gate", also: "School" },
    { kind: "grid", id: "990101100", name: "东门社区", also: "civil" },
    { kind: "camera", id: "cam-2", name: "广场东门", also: "Town" },
  ];
  const ids = (query: string) => find(entries, query).map(({ id }) => id);

  it("puts names that begin with it first", () => expect(ids("东门")).toEqual(["990101100", "cam-1", "cam-2"]));
  it("finds by number, by owner and by every word", () => {
    expect(ids("9901")).toEqual(["990101100"]);
    expect(ids("school")).toEqual(["cam-1"]);
    expect(ids("gate school")).toEqual(["cam-1"]);
    expect(ids("gate town")).toEqual([]);
  });
  it("finds nothing for nothing", () => expect(ids("  ")).toEqual([]));
});

describe("what a browser kept", () => {
  it("of the layers is taken where it makes sense", () => {
    expect(chosenFrom('{"on":{"cameras":false,"ghosts":true},"base":"Imagery"}')).toMatchObject({ on: { cameras: false, civil: true, police: false }, base: "Imagery" });
    expect(chosenFrom("{").base).toBeNull();
    expect(chosenFrom("null").on.civil).toBe(true);
  });

  it("of the place is taken where it is one", () => {
    expect(placeFrom("[103.2,38.6,15]")).toEqual([103.2, 38.6, 15]);
    for (const kept of [null, "", "[1,2]", '{"a":1}', "[1,200,3]", "[null,1,2]"]) expect(placeFrom(kept)).toBeNull();
  });
});

describe("boxes", () => {
  it("meet where they share ground", () => {
    expect(meets([0, 0, 2, 2], [1, 1, 3, 3])).toBe(true);
    expect(meets([0, 0, 1, 1], [2, 0, 3, 1])).toBe(false);
    expect(boxOf([])).toBeNull();
  });
});
