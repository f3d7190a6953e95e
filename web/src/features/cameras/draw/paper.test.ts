import { describe, expect, it } from "vitest";

import type { Rule, RuleEntry, RuleUse, Trial, View } from "../types";
import { converted, wgs84 } from "./datum";
import type { Shapes } from "./editor";
import { merged } from "./merge";
import { cameraRules, copyOf, newDraft, specOf, unwritten } from "./newrule";
import { unready } from "./ready";
import { episodesOf } from "./trial";
import { yamlOf } from "./yaml";

const NOTHING = { zones: [], lines: [], masks: [], ground: [], rules: [] };
const VIEW: View = { azimuth_deg: 90, fov_deg: 60, range_m: 45, ground_points: [] };

describe("the entry for the file", () => {
  it("says everything that was drawn, and what is empty", () => {
    const yaml = yamlOf(
      {
        ...NOTHING,
        zones: [{ id: "zone-1", name: '门前 "A"', polygon: [[0.1, 0.2], [0.3, 0.2], [0.3, 0.4]] }],
        lines: [{ id: "line-1", name: "", a: [0, 0.5], b: [1, 0.5] }],
        rules: [{ rule: "closed-area", zone: "zone-1", line: null }, { rule: "camera-offline", zone: null, line: null }],
      },
      VIEW,
    );
    expect(yaml).toBe(`    view:
      range_m: 45
      azimuth_deg: 90
      fov_deg: 60
      ground_points: []
    zones:
      - {id: zone-1, name: "门前 \\"A\\"", polygon: [[0.1, 0.2], [0.3, 0.2], [0.3, 0.4]]}
    lines:
      - {id: line-1, name: "", a: [0, 0.5], b: [1, 0.5]}
    masks: []
    rules:
      - {rule: closed-area, zone: zone-1}
      - {rule: camera-offline}
`);
  });
});

describe("a trial", () => {
  const at = (s: number) => new Date(1_700_000_000_000 + s * 1000).toISOString();
  const finding = (episode_id: string, phase: "opened" | "updated" | "closed", s: number) => ({
    ...{ episode_id, phase, severity: "P3", captured_at: at(s), raised_at: at(s), dwell_s: 2, box: null, facts: { count: 1 } },
  });
  const trial: Trial = {
    camera: "c",
    frames: 100,
    from_at: at(0),
    to_at: at(100),
    findings: [finding("e1", "opened", 10), finding("e1", "updated", 20), finding("e1", "closed", 30), finding("e2", "opened", 90)],
  };

  it("shows each episode once, where it lay", () => {
    const [first, second] = episodesOf(trial);
    expect(first).toMatchObject({ id: "e1", open: false, left: 0.1 });
    expect(first?.width).toBeCloseTo(0.2);
    expect(second).toMatchObject({ id: "e2", open: true, left: 0.9 });
    expect(second?.width).toBeCloseTo(0.1);
  });

  it("is empty when nothing was analysed", () => {
    expect(episodesOf({ ...trial, frames: 0, from_at: null, to_at: null, findings: [] })).toEqual([]);
  });

  it("never draws beyond the end", () => {
    const [late] = episodesOf({ ...trial, findings: [finding("e", "opened", 100)] });
    expect((late?.left ?? 9) + (late?.width ?? 9)).toBeLessThanOrEqual(1);
  });
});

describe("a new rule", () => {
  it("has only the numbers of its kind, and a free id", () => {
    const draft = newDraft("line_crossing", ["line-crossing-2"]);
    expect(draft.id).toBe("line-crossing-3");
    expect(specOf(draft)).toEqual({
      ...{ id: "line-crossing-3", name: "", kind: "line_crossing", severity: "P3", policy: "verify_first" },
      ...{ kinds: ["person"], direction: "a_to_b" },
    });
  });

  it("starts from the numbers of the one it is a copy of", () => {
    const rule = specOf({ ...newDraft("zone_intrusion", []), id: "closed-area", dwell_s: 10, kinds: ["car"], severity: "P2" });
    expect(copyOf(rule, ["closed-area"])).toMatchObject({ id: "closed-area-2", dwell_s: 10, kinds: ["car"], severity: "P2" });
  });

  it("has as a copy everything its original has that was not changed", () => {
    const dense = { ...{ id: "crush", name: "Crush", kind: "crowd", severity: "P1", policy: "auto_dispatch", kinds: ["person"] }, ...{ count_min: null, density_min: 4, zone_area_m2: 30, hold_s: 5, dip_s: 1 }, ...{ exercise: true, clear_after_s: 20, repeat_within_s: 300 } } as unknown as Rule;
    const copy = copyOf(dense, ["crush"]);
    expect(specOf(copy)).toEqual({ ...dense, id: "crush-2" });
    expect(specOf({ ...copy, density_min: 6 })).toEqual({ ...dense, id: "crush-2", density_min: 6 });
    const line = { ...specOf(newDraft("line_crossing", [])), margin: 0.05, cool_down_s: 60 } as Rule;
    expect(specOf({ ...copyOf(line, [line.id]), direction: "both" })).toMatchObject({ margin: 0.05, cool_down_s: 60, direction: "both" });
    const zone = { ...specOf(newDraft("zone_intrusion", [])), gap_s: 2.5, exercise: true } as Rule;
    expect(specOf(copyOf(zone, []))).toMatchObject({ gap_s: 2.5, exercise: true });
  });

  it("is written only if something uses it and the register has it not", () => {
    const [one, two] = [newDraft("crowd", []), { ...newDraft("crowd", []), id: "other" }];
    const uses: RuleUse[] = [{ rule: one.id, zone: "z", line: null }];
    expect(unwritten(uses, [one, two], [])).toEqual([one]);
    expect(unwritten(uses, [one, two], [one.id])).toEqual([]);
  });
});

describe("rules of the camera itself", () => {
  const entry = (id: string, kind: string) => ({ rule: { id, kind } }) as unknown as RuleEntry;
  const rules = [entry("camera-offline", "camera_offline"), entry("sensor-offline", "camera_offline"), entry("frozen", "camera_frozen"), entry("crowd", "crowd"), entry("smoke", "sensor_threshold")];
  const offered = (all: RuleEntry[], uses: RuleUse[], ...ofSensors: string[]) => cameraRules(all, uses, new Set(ofSensors)).map(({ rule }) => rule.id);

  it("are not those that sensors use, but for what is bound", () => {
    expect(offered(rules, [], "sensor-offline", "smoke")).toEqual(["camera-offline", "frozen"]);
    expect(offered(rules, [{ rule: "sensor-offline", zone: null, line: null }], "sensor-offline")).toEqual(["camera-offline", "sensor-offline", "frozen"]);
  });

  it("are shared with sensors where there is only one for both", () => {
    expect(offered(rules.slice(1), [], "sensor-offline")).toEqual(["sensor-offline", "frozen"]);
  });
});

describe("a drawing that another one's change overtook", () => {
  const ring: [number, number][] = [[0, 0], [1, 0], [1, 1]];
  const zone = (id: string, name = "") => ({ id, name, polygon: ring });
  const before = { ...NOTHING, zones: [zone("z")], lines: [{ id: "l", name: "", a: ring[0], b: ring[1] }] } as Shapes;

  it("keeps what I drew and takes what only the other one did", () => {
    const mine = { ...before, zones: [zone("z"), zone("mine")] };
    const newest = { ...before, masks: [ring] };
    expect(merged(before, mine, newest)).toEqual({ shapes: { ...mine, masks: [ring] }, taken: ["masks"], kept: [] });
  });

  it("says what both changed, and keeps mine", () => {
    const mine = { ...before, zones: [zone("z", "yard")] };
    const newest = { ...before, zones: [zone("z", "gate")] };
    expect(merged(before, mine, newest)).toEqual({ shapes: mine, taken: [], kept: ["zones"] });
    expect(merged(before, mine, { ...before, zones: [zone("z", "yard")] })).toEqual({ shapes: mine, taken: [], kept: [] });
  });

  it("has no rule at a place that is gone", () => {
    const mine = { ...before, rules: [{ rule: "r", zone: null, line: "l" }, { rule: "r", zone: "z", line: null }] };
    expect(merged(before, mine, { ...before, lines: [] }).shapes.rules).toEqual([{ rule: "r", zone: "z", line: null }]);
  });
});

describe("ground points", () => {
  const corners = [[0, 0], [1, 0], [1, 1], [0, 1]] as const;
  const ground = corners.map(([x, y]) => ({ x, y, lon: 103 + x / 1000, lat: 38 + y / 1000 }));

  it("are none, or four with places that span the ground", () => {
    expect(unready(NOTHING)).toBeNull();
    expect(unready({ ...NOTHING, ground })).toBeNull();
    expect(unready({ ...NOTHING, ground: ground.slice(0, 3) })).toBe("few_ground");
    expect(unready({ ...NOTHING, ground: ground.map((p, i) => (i === 2 ? { ...p, lon: NaN } : p)) })).toBe("no_place");
    expect(unready({ ...NOTHING, ground: ground.map(({ lon, lat, ...at }) => ({ ...at, lon: lat, lat: lon })) })).toBe("bad_place");
    expect(unready({ ...NOTHING, ground: ground.map((p, i) => (i === 1 ? { ...p, lon: -181 } : p)) })).toBe("bad_place");
    expect(unready({ ...NOTHING, ground: ground.map((p) => ({ ...p, y: 0.5 })) })).toBe("one_line");
  });

  it("go from one datum to the other and back within a centimetre", () => {
    const at = { lon: 103.2034, lat: 38.6091 };
    const there = converted(at, "wgs84", "gcj02");
    expect(Math.abs(there.lon - at.lon)).toBeGreaterThan(1e-4);
    const back = converted(there, "gcj02", "wgs84");
    expect(back.lon).toBeCloseTo(at.lon, 6);
    expect(back.lat).toBeCloseTo(at.lat, 6);
    expect(converted({ lon: NaN, lat: 38 }, "gcj02", "wgs84").lat).toBe(38);
    expect(wgs84({ lon: 2.35, lat: 48.85 })).toEqual({ lon: 2.35, lat: 48.85 });
  });
});
