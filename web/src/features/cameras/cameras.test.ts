import { describe, expect, it } from "vitest";

import { bodyOf, changedBody, draftOf, EMPTY, faultsOf } from "./draft";
import { below, counts, filterOf, gridTree, matching, newest, NO_FILTER, queryOf, sorted, stateOf, type Row } from "./list";
import type { Camera, Grid, Probe } from "./types";
import { remarksOn } from "./warnings";

const BASE: Camera = {
  ...{ id: "gate-1", name: "校门", owner_kind: "school", owner: "No. 2 School", place_class: "school_gate", place: null, transport: "tcp" },
  ...{ main: { url: "rtsp://10.0.0.1/main" }, sub: null, position: { lon: 103.2, lat: 38.6, datum: "gcj02" }, height_m: 4 },
  view: { azimuth_deg: null, fov_deg: null, range_m: 60, ground_points: [{ x: 0, y: 0, lon: 1, lat: 1 }] },
  ...{ analysis_fps: 5, model: null, lines: [], masks: [[[0, 0], [1, 0], [1, 1]]], tags: ["east"], enabled: true },
  zones: [{ id: "yard", name: "", polygon: [[0, 0], [1, 0], [1, 1]] }],
  rules: [{ rule: "closed-area", zone: "yard", line: null }],
  ...{ grid_code: "62010203", credentials: { username: "hub", password_set: true }, managed_by: "api", origin: null },
  ...{ version: 3, updated_at: "2026-01-01T00:00:00.000Z", health: null },
};
const GRIDS: Grid[] = [
  { code: "62", name: "县", parent: null },
  { code: "6201", name: "镇", parent: "62" },
  { code: "62010203", name: "一网格", parent: "6201" },
  { code: "X9", name: "园区", parent: "nowhere" },
];
const row = (id: string, more: Partial<Camera> = {}, state: Row["state"] = "online"): Row => ({ camera: { ...BASE, id, ...more }, state });

describe("the list", () => {
  it("keeps its filter in the address and reads only what it knows", () => {
    const filter = { text: "gate 2", grid: "6201", owner: "school", state: "offline", sort: "name", down: true } as const;
    expect(filterOf(queryOf(filter))).toEqual(filter);
    expect(queryOf(NO_FILTER)).toEqual({});
    expect(filterOf({ state: "burning", owner: ["school"], sort: "price" })).toEqual(NO_FILTER);
  });

  it("finds by words in any order, by owner, and in a grid and all below it", () => {
    const rows = [row("gate-1"), row("yard-2", { name: "Yard", owner_kind: "public", grid_code: "X9" }), row("no-3", { grid_code: null })];
    const ids = (part: Partial<typeof NO_FILTER>) => matching(rows, { ...NO_FILTER, ...part }, GRIDS).map((each) => each.camera.id);
    expect(ids({ text: "校门 GATE" })).toEqual(["gate-1"]);
    expect(ids({ text: "一网格" })).toEqual(["gate-1"]);
    expect(ids({ owner: "public" })).toEqual(["yard-2"]);
    expect(ids({ grid: "62" })).toEqual(["gate-1"]);
    expect(ids({ grid: "6201020" })).toEqual(["gate-1"]);
    expect(below("X", GRIDS)("X9")).toBe(true);
    expect(below("62", GRIDS)(null)).toBe(false);
  });

  it("counts by state; disabled and unheard-of ones are states too", () => {
    expect(stateOf({ ...BASE, enabled: false }, { "gate-1": "online" })).toBe("disabled");
    expect(stateOf(BASE, {})).toBe("unknown");
    expect(stateOf(BASE, { "gate-1": "frozen" })).toBe("frozen");
    expect(counts([row("a"), row("b"), row("c", {}, "offline")])).toMatchObject({ online: 2, offline: 1, frozen: 0 });
  });

  it("sorts by number within names, and what is wrong first", () => {
    const rows = [row("cam-10"), row("cam-9", {}, "offline"), row("cam-100", {}, "frozen")];
    expect(sorted(rows, "id", false).map((each) => each.camera.id)).toEqual(["cam-9", "cam-10", "cam-100"]);
    expect(sorted(rows, "state", false).map((each) => each.state)).toEqual(["offline", "frozen", "online"]);
    expect(sorted(rows, "id", true)[0]?.camera.id).toBe("cam-100");
  });

  it("that is loaded does not undo what was changed meanwhile", () => {
    const old = [BASE, { ...BASE, id: "gate-2" }];
    const mine = { ...BASE, enabled: false, version: 4 };
    expect(newest(old, [mine])).toEqual([mine, old[1]]);
    expect(newest(old, [{ ...mine, version: 2 }])).toEqual(old);
  });

  it("is quick with five thousand", () => {
    const rows = Array.from({ length: 5_000 }, (_, i) => row(`cam-${i}`, { grid_code: i % 2 ? "62010203" : "X9" }));
    expect(matching(rows, { ...NO_FILTER, text: "cam-49", grid: "62" }, GRIDS)).toHaveLength(56);
  });

  it("makes a tree of the grids; one without its parent stands at the top", () => {
    const tree = gridTree(GRIDS);
    expect(tree.map((node) => node.key)).toEqual(["62", "X9"]);
    expect(tree[0]?.children?.[0]?.children?.[0]?.key).toBe("62010203");
  });
});

describe("the form", () => {
  const sound = { ...EMPTY, id: "gate-1", name: "Gate", owner: "School", main: "rtsp://10.0.0.1/a" };

  it("says what is missing and wrong before the hub is asked", () => {
    expect(faultsOf(EMPTY)).toEqual({ id: "missing", name: "missing", owner: "missing", main: "missing" });
    expect(faultsOf(sound)).toEqual({});
    expect(faultsOf({ ...sound, id: "Gate 1" })).toEqual({ id: "id" });
    expect(faultsOf({ ...sound, main: "10.0.0.1" })).toEqual({ main: "address" });
    expect(faultsOf({ ...sound, main: "rtsp://u:p@10.0.0.1/a" })).toEqual({ main: "secret" });
    expect(faultsOf({ ...sound, main: "rtsp://10.0.0.1/a@b" })).toEqual({});
    expect(faultsOf({ ...sound, lon: 103 })).toEqual({ lat: "both" });
    expect(faultsOf({ ...sound, lon: 203, lat: 38 })).toEqual({ lon: "number" });
    expect(faultsOf({ ...sound, password: "x" })).toEqual({ username: "missing" });
  });

  it("keeps what it does not show, and sends no password that was not typed", () => {
    const body = bodyOf({ ...draftOf(BASE), name: "New" }, BASE);
    expect(body).toMatchObject({ name: "New", zones: BASE.zones, masks: BASE.masks, rules: BASE.rules, position: BASE.position });
    expect(body.view.ground_points).toEqual(BASE.view.ground_points);
    expect(body.credentials).toEqual({ username: "hub" });
    expect(bodyOf({ ...draftOf(BASE), password: "s3" }, BASE).credentials).toEqual({ username: "hub", password: "s3" });
    expect(bodyOf({ ...draftOf(BASE), username: "" }, BASE).credentials).toBeNull();
  });

  it("sends back only what the hub takes", () => {
    const body = changedBody(BASE, { enabled: false });
    expect(body.enabled).toBe(false);
    expect(Object.keys(body)).not.toEqual(expect.arrayContaining(["health"]));
    for (const key of ["grid_code", "managed_by", "origin", "version", "updated_at", "health"]) expect(body).not.toHaveProperty(key);
  });
});

describe("warnings about a stream", () => {
  const probe: Probe = {
    ...{ reachable: true, codec: "h264", width: 1280, height: 720, fps: 25, took_s: 1, error: null, picture_jpeg: "", gop: 50, reordered: false },
  };
  const names = (more: Partial<Probe>, analysed = false) => remarksOn({ ...probe, ...more }, analysed).map((remark) => remark.name);

  it("has none for a good one", () => {
    expect(names({}, true)).toEqual([]);
  });

  it("names each trouble", () => {
    expect(names({ codec: "h265", reordered: true })).toEqual(["h265", "bframes"]);
    expect(names({ gop: 250 })).toEqual(["long_gop"]);
    expect(names({ gop: null })).toEqual(["no_keyframe"]);
    expect(names({ width: 3840 }, true)).toEqual(["large_analysis"]);
    expect(names({ width: 3840 }, false)).toEqual([]);
    expect(names({ fps: 2, gop: 4 })).toEqual(["slow"]);
    expect(names({ fps: 0 })).toEqual(["no_rate"]);
    expect(names({ reachable: false, codec: "h265" })).toEqual([]);
  });
});
