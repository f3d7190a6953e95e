import { describe, expect, it } from "vitest";

import type { Alert } from "@/features/alerts/alert";
import type { Camera } from "@/features/cameras/types";
import { distanceM } from "@/features/tasks/geo";

import { needed, newest } from "./data";
import { rowsInView } from "./rows";
import { alertSpots, cameraSpots, isOpen, sensorSpots, worstOf, type CameraSpot } from "./things";
import { stateOf } from "./useStage";

const VIEW = { azimuth_deg: null, fov_deg: null, range_m: 60, ground_points: [] };

function camera(id: string, more: Partial<Camera> = {}): Camera {
  const place = { lon: 103.21, lat: 38.61, datum: "wgs84" as const };
  return { id, name: `Camera ${id}`, owner: "Town", position: place, view: VIEW, enabled: true, grid_code: "g", ...more } as Camera;
}

function alert(id: string, more: Record<string, unknown> = {}): Alert {
  const binding = { position: null, grid_code: null };
  return {
    id, binding, source: "a", severity: "P3", life: "active", ack: "unacked", verdict: null, merged_into: null,
    raised_at: "2026-01-01T00:00:00Z", version: 1, ...more,
  } as unknown as Alert;
}

describe("a camera on the map", () => {
  it("stands where its datum says", () => {
    const [ours, theirs] = cameraSpots([camera("a"), camera("b", { position: { lon: 103.21239631538573, lat: 38.61044525876964, datum: "gcj02" } })]);
    expect(distanceM((ours as CameraSpot).at, (theirs as CameraSpot).at)).toBeLessThan(0.01);
  });

  it("has the cone of its angles, the ground of its points, or neither", () => {
    const corner = (lon: number, lat: number) => ({ x: 0, y: 0, lon, lat });
    const points = [corner(103.21, 38.61), corner(103.211, 38.61), corner(103.211, 38.611), corner(103.21, 38.611)];
    const spots = cameraSpots([
      camera("none"),
      camera("cone", { view: { ...VIEW, azimuth_deg: 10, fov_deg: 60 } }),
      camera("points", { view: { ...VIEW, ground_points: points } }),
      camera("nowhere", { position: null }),
    ]);
    expect(spots.map(({ id, sees }) => [id, sees.length > 2])).toEqual([["cone", true], ["none", false], ["points", true]]);
    expect(spots[2]?.sees).toHaveLength(4);
  });

  it("that is switched off is that, whatever its worker said last", () => {
    expect(stateOf({ a: "online" }, { id: "a", enabled: false })).toBe("disabled");
    expect(stateOf({ a: "online" }, { id: "a", enabled: true })).toBe("online");
    expect(stateOf({}, { id: "a", enabled: true })).toBe("unknown");
  });
});

describe("an alert on the map", () => {
  it("lies where it happened, else at its source, else in its grid, else nowhere", () => {
    const sources = new Map([["a", { lon: 1, lat: 1 }]]);
    const grids = new Map([["g", { lon: 2, lat: 2 }]]);
    const spots = alertSpots(
      [
        alert("seen", { binding: { position: { lon: 3, lat: 3 }, grid_code: "g" } }),
        alert("source"),
        alert("grid", { source: "x", binding: { position: null, grid_code: "g" } }),
        alert("nowhere", { source: "x" }),
      ],
      sources,
      grids,
    );
    expect(spots.map((spot) => [spot.alert.id, spot.at.lon])).toEqual([["seen", 3], ["source", 1], ["grid", 2]]);
  });

  it("stays while it lasts or waits for somebody", () => {
    expect(isOpen(alert("a", { ack: "acked", verdict: "confirmed" }))).toBe(true);
    expect(isOpen(alert("a", { life: "cleared" }))).toBe(true);
    expect(isOpen(alert("a", { life: "cleared", ack: "acked" }))).toBe(false);
    expect(isOpen(alert("a", { life: "cleared", verdict: "false" }))).toBe(false);
    expect(isOpen(alert("a", { merged_into: "b" }))).toBe(false);
  });

  it("is known by its newest version", () => {
    const known = newest([alert("a", { version: 3 }), alert("a", { version: 2 }), alert("b")]);
    expect([...known.values()].map(({ id, version }) => [id, version])).toEqual([["a", 3], ["b", 1]]);
  });

  it("that is over is forgotten, unless it was loaded as open", () => {
    const over = { life: "cleared", ack: "acked", version: 2 };
    const told = newest([alert("open"), alert("loaded", over), ...Array.from({ length: 5000 }, (_, n) => alert(`x${n}`, over))]);
    expect([...needed(told, [alert("loaded")]).keys()]).toEqual(["open", "loaded"]);
  });

  it("of several at one place shows the worst, and pulses while one waits", () => {
    const at = { lon: 1, lat: 1 };
    const two = [{ alert: alert("a", { ack: "acked" }), at }, { alert: alert("b", { severity: "P1", ack: "acked" }), at }];
    expect(worstOf(two)).toEqual({ severity: "P1", waiting: false });
    expect(worstOf([...two, { alert: alert("c"), at }]).waiting).toBe(true);
  });
});

describe("the list of what is in view", () => {
  const at = { lon: 1, lat: 1 };
  const spot = (id: string, where = at): CameraSpot => ({ id, name: id, owner: "", gridCode: null, enabled: true, at: where, sees: [], rangeM: 60 });

  it("has alerts first, then cameras in trouble, and nothing beyond the edge", () => {
    const states: Record<string, string> = { off: "disabled", bad: "offline", good: "online", stale: "stale" };
    const rows = rowsInView(
      {
        alerts: [{ alert: alert("x"), at }],
        cameras: [spot("good"), spot("off"), spot("stale"), spot("bad"), spot("far", { lon: 9, lat: 9 })],
        sensors: sensorSpots([{ id: "s", name: "s", owner: "", kind: "sensor", enabled: true, position: { ...at, datum: "wgs84" } }]),
      },
      [0, 0, 2, 2],
      { alert: () => "Intrusion", source: (id) => id, state: ({ id }) => states[id] ?? "unknown" },
    );
    expect(rows.map(({ id }) => id)).toEqual(["x", "bad", "stale", "good", "off", "s"]);
  });
});
