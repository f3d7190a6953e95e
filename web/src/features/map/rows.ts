/** The lines of the list beside the map: what was found, or what is in view. */
import type { Severity } from "@/features/alerts/alert";

import { lookOf, LOOKS } from "./bins";
import { holds, type Box } from "./geo";
import type { AlertSpot, CameraSpot, SensorSpot } from "./things";

export interface Row {
  kind: "grid" | "camera" | "sensor" | "alert";
  id: string;
  name: string;
  /** In small letters behind the name. */
  note: string;
  state?: string;
  severity?: Severity;
}

export interface InView {
  alerts: readonly AlertSpot[];
  cameras: readonly CameraSpot[];
  sensors: readonly SensorSpot[];
}

export interface Words {
  /** What an alert is called. */
  alert: (spot: AlertSpot) => string;
  /** What its source is called. */
  source: (id: string) => string;
  state: (camera: CameraSpot) => string;
}

/**
 * Alerts first, then cameras as they come, but those that give no picture before the
 * others, then sensors.
 */
export function rowsInView(things: InView, box: Box, words: Words): Row[] {
  const alerts = things.alerts
    .filter(({ at }) => holds(box, at))
    .map((spot): Row => ({
      kind: "alert",
      id: spot.alert.id,
      name: words.alert(spot),
      note: words.source(spot.alert.source),
      severity: spot.alert.severity,
    }));
  const cameras = things.cameras
    .filter(({ at }) => holds(box, at))
    .map((camera) => ({ camera, state: words.state(camera) }))
    .sort((a, b) => troubleOf(b.state) - troubleOf(a.state))
    .map(({ camera, state }): Row => ({ kind: "camera", id: camera.id, name: camera.name, note: camera.owner, state }));
  const sensors = things.sensors
    .filter(({ at }) => holds(box, at))
    .map((sensor): Row => ({ kind: "sensor", id: sensor.id, name: sensor.name, note: sensor.owner }));
  return [...alerts, ...cameras, ...sensors];
}

/** A camera that is switched off troubles nobody. */
function troubleOf(state: string): number {
  if (state === "disabled") return -1;
  const look = lookOf(state);
  return look === "off" ? 1 : look === "good" ? 0 : LOOKS.indexOf(look) + 1;
}
