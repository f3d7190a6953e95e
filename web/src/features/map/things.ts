/** Cameras, sensors and alerts with their places on the ground. */
import type { components } from "@/api/schema";
import { SEVERITIES, type Alert, type Severity } from "@/features/alerts/alert";
import type { Camera } from "@/features/cameras/types";

import { wgs84, type LonLat } from "./datum";
import { cone, hull } from "./geo";

export interface CameraSpot {
  id: string;
  name: string;
  owner: string;
  gridCode: string | null;
  enabled: boolean;
  at: LonLat;
  /** The ground it sees as far as it is known; empty where only the mast is. */
  sees: LonLat[];
  rangeM: number;
}

export type Sensor = Pick<components["schemas"]["SensorOut"], "id" | "name" | "owner" | "kind" | "position" | "enabled">;

export interface SensorSpot extends Omit<Sensor, "position"> {
  at: LonLat;
}

export interface AlertSpot {
  alert: Alert;
  at: LonLat;
}

/** One for all comparisons: `localeCompare` builds its own for each, seconds for a county. */
const byName = new Intl.Collator("zh", { numeric: true });

/** Those with a position, by name; cameras that are switched off stay on the map as such. */
export function cameraSpots(cameras: readonly Camera[]): CameraSpot[] {
  const spots = cameras.flatMap((camera) => {
    const at = mountOf(camera);
    if (!at) return [];
    const { id, name, owner, grid_code: gridCode, enabled, view } = camera;
    return [{ id, name, owner, gridCode, enabled, at, sees: groundOf(camera, at), rangeM: view.range_m }];
  });
  return spots.sort((a, b) => byName.compare(a.name, b.name));
}

/** A calibrated camera may do without a position of its own: it stands where it looks. */
function mountOf({ position, view }: Camera): LonLat | null {
  if (position) return wgs84(position);
  const [first] = view.ground_points;
  return first ? { lon: first.lon, lat: first.lat } : null;
}

function groundOf({ position, view }: Camera, at: LonLat): LonLat[] {
  if (view.ground_points.length > 2) {
    const datum = position?.datum ?? "wgs84";
    return hull(view.ground_points.map(({ lon, lat }) => wgs84({ lon, lat, datum })));
  }
  if (view.azimuth_deg === null || view.fov_deg === null) return [];
  return cone(at, view.azimuth_deg, view.fov_deg, view.range_m);
}

export function sensorSpots(sensors: readonly Sensor[]): SensorSpot[] {
  return sensors.flatMap(({ position, ...rest }) => (position && rest.enabled ? [{ ...rest, at: wgs84(position) }] : []));
}

/** Worth a place on the map: it lasts, or somebody still has to look at it. */
export function isOpen(alert: Pick<Alert, "life" | "ack" | "verdict" | "merged_into">): boolean {
  if (alert.merged_into) return false;
  return alert.life !== "cleared" || (alert.ack === "unacked" && alert.verdict === null);
}

/** Where it happened; else where its source stands; else the middle of its grid; else nowhere. */
export function alertSpots(alerts: Iterable<Alert>, sources: ReadonlyMap<string, LonLat>, grids: ReadonlyMap<string, LonLat>): AlertSpot[] {
  const spots: AlertSpot[] = [];
  for (const alert of alerts) {
    const { position, grid_code: grid } = alert.binding;
    const at = position ?? sources.get(alert.source) ?? (grid === null ? undefined : grids.get(grid));
    if (at && isOpen(alert)) spots.push({ alert, at });
  }
  return spots.sort((a, b) => byUrgency(a.alert, b.alert));
}

export function byUrgency(a: Alert, b: Alert): number {
  return SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || (a.raised_at < b.raised_at ? -1 : 1);
}

/** The worst of some alerts, and whether anybody has yet to take note of one. */
export function worstOf(spots: readonly AlertSpot[]): { severity: Severity; waiting: boolean } {
  const severities = spots.map(({ alert }) => alert.severity);
  return {
    severity: SEVERITIES.find((severity) => severities.includes(severity)) ?? "P4",
    waiting: spots.some(({ alert }) => alert.ack === "unacked"),
  };
}
