/**
 * WGS-84, which the hub speaks, to GCJ-02, which maps in mainland China speak. The same formula and
 * the same numbers as `hub/kit/datum.py`, held together by the values in datum.test.ts.
 */
import type { LonLat } from "./types";

const A_M = 6_378_245;
const E2 = 0.006_693_421_622_965_943;
const RAD = Math.PI / 180;

/** Whether GCJ-02 differs from WGS-84 here: the box of mainland China that map services use. */
export function shifted({ lon, lat }: LonLat): boolean {
  return lon >= 72.004 && lon <= 137.8347 && lat >= 0.8293 && lat <= 55.8271;
}

/** Unchanged outside that box. */
export function gcj02(at: LonLat): LonLat {
  if (!shifted(at)) return { ...at };
  const x = at.lon - 105;
  const y = at.lat - 35;
  const sin = Math.sin(at.lat * RAD);
  const w = 1 - E2 * sin * sin;
  const perLat = (RAD * A_M * (1 - E2)) / (w * Math.sqrt(w));
  const perLon = ((RAD * A_M) / Math.sqrt(w)) * Math.cos(at.lat * RAD);
  return { lon: at.lon + eastM(x, y) / perLon, lat: at.lat + northM(x, y) / perLat };
}

/** Two sine terms of the published series, of π·t over 3 and 1. */
function waves(t: number, first: number, second: number): number {
  return first * Math.sin(t * Math.PI) + second * Math.sin((t * Math.PI) / 3);
}

function ripple(x: number): number {
  return 20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI);
}

function northM(x: number, y: number): number {
  const slow = 160 * Math.sin((y / 12) * Math.PI) + 320 * Math.sin((y * Math.PI) / 30);
  const trend = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x));
  return trend + ((ripple(x) + waves(y, 20, 40) + slow) * 2) / 3;
}

function eastM(x: number, y: number): number {
  const slow = 150 * Math.sin((x / 12) * Math.PI) + 300 * Math.sin((x / 30) * Math.PI);
  const trend = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x));
  return trend + ((ripple(x) + waves(x, 20, 40) + slow) * 2) / 3;
}
