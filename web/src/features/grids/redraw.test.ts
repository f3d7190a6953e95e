import { describe, expect, it } from "vitest";

import type { Change, Preview } from "./data";
import { areaOf, bodyOf, boundsOf, countsOf, kindOf, lookOf, ordered, ready, sheetOf, verdictOf } from "./redraw";
import { aChange, aFault, aPreview } from "./pretend";

const file = (more: object = {}): string =>
  JSON.stringify({
    type: "FeatureCollection",
    crs: { name: "EPSG:4326" },
    features: [{ type: "Feature", id: 7, properties: { code: "a", name: "A", OBJECTID: 3, parent: null }, geometry: { type: "Polygon", coordinates: [] } }],
    ...more,
  });

describe("a file", () => {
  it("is taken for what the hub knows of it, and says what it leaves out", () => {
    const sheet = sheetOf(file());
    expect(sheet).toMatchObject({ datum: null, ignored: ["OBJECTID"] });
    expect(JSON.parse(bodyOf(sheet as NonNullable<typeof sheet>, "gcj02"))).toEqual({
      type: "FeatureCollection",
      datum: "gcj02",
      features: [{ type: "Feature", properties: { code: "a", name: "A", parent: null }, geometry: { type: "Polygon", coordinates: [] } }],
    });
  });

  it("may name its datum, but only one that there is", () => {
    expect(sheetOf(file({ datum: "gcj02" }))?.datum).toBe("gcj02");
    expect(sheetOf(file({ datum: "bd09" }))?.datum).toBeNull();
  });

  it.each(["", "{", "[]", "null", '"x"', '{"type":"Feature"}', '{"type":"FeatureCollection"}'])("is refused when it is none: %s", (text) => {
    expect(sheetOf(text)).toBeNull();
  });
});

describe("a change", () => {
  it("is called by the gravest of it, and counts for each", () => {
    const both = aChange("a", { kinds: ["renamed", "reshaped"] });
    const gone = aChange("b", { kinds: ["split", "retired"] });
    expect([kindOf(both), kindOf(gone)]).toEqual(["reshaped", "retired"]);
    expect(countsOf([both, gone])).toEqual({ renamed: 1, reshaped: 1, split: 1, retired: 1 });
    expect([lookOf("retired").dash, lookOf("renamed").dash]).toEqual(["6 5", undefined]);
  });

  it("tells areas as people say them", () => {
    expect([950, 12_340, 2_500_000].map((m2) => areaOf(m2, "en"))).toEqual(["950 m²", "1.2 ha", "2.5 km²"]);
  });
});

describe("a drawing", () => {
  const WAYS: [Partial<Preview>, string][] = [
    [{}, "sound"],
    [{ changes: [], added: 0, changed: 0, retired: 0 }, "same"],
    [{ faults: [aFault("gap")] }, "excusable"],
    [{ faults: [aFault("missing_parent")], sound: false }, "broken"],
    [{ files: ["grids.geojson"] }, "file"],
  ];
  it.each(WAYS)("%o is %s", (more, verdict) => {
    expect(verdictOf(aPreview(more))).toBe(verdict);
  });

  it("whose borders moved less than a sliver can be brought in all the same", () => {
    expect(verdictOf(aPreview({ changes: [], added: 0, changed: 3, retired: 0 }))).toBe("sound");
  });

  it("wants a reason, and an exception where it has faults", () => {
    const [sound, excusable, broken] = [aPreview(), aPreview({ faults: [aFault("gap")] }), aPreview({ faults: [aFault("gap")], sound: false })];
    expect([ready(sound, "", ""), ready(sound, "", "minutes 7")]).toEqual([false, true]);
    expect([ready(excusable, " ", "minutes 7"), ready(excusable, "old survey", "minutes 7"), ready(excusable, "old survey", "")]).toEqual([false, true, false]);
    expect(ready(broken, "please", "minutes 7")).toBe(false);
  });
});

describe("what is looked at", () => {
  it("has bounds, whatever its geometry is", () => {
    const collection = { geometries: [{ coordinates: [[3, 4], [5, 1]] }] };
    expect(boundsOf({ coordinates: [[[[1, 2], [2, 9]]]] }, null, collection)).toEqual([1, 1, 5, 9]);
    expect(boundsOf(null, { coordinates: [] })).toBeNull();
  });

  it("is the worst first", () => {
    const faults = [aFault("gap", { area_m2: 5 }), aFault("overlap", { area_m2: 9 }), aFault("bad_code", { excusable: false })];
    expect(ordered(faults).map(({ kind }) => kind)).toEqual(["bad_code", "overlap", "gap"]);
  });
});

describe("a change without a kind that is known", () => {
  it("is told in the mildest way", () => {
    expect(kindOf({ kinds: [] } as unknown as Change)).toBe("renamed");
  });
});
