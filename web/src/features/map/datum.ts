/** Positions of the register in the hub's own datum. The shift itself is the phone's `datum.ts`. */
import { gcj02, shifted } from "@/features/tasks/datum";
import type { LonLat } from "@/features/tasks/types";

export type { LonLat };

export interface Position extends LonLat {
  datum: string;
}

const TURNS = 12;
const CLOSE_DEG = 1e-9;

/** The inverse of `gcj02`, by fixed-point iteration like `hub/kit/datum.py`. */
export function fromGcj02(at: LonLat): LonLat {
  if (!shifted(at)) return at;
  let { lon, lat } = at;
  for (let turn = 0; turn < TURNS; turn += 1) {
    const there = gcj02({ lon, lat });
    const east = at.lon - there.lon;
    const north = at.lat - there.lat;
    lon += east;
    lat += north;
    if (Math.abs(east) < CLOSE_DEG && Math.abs(north) < CLOSE_DEG) break;
  }
  return { lon, lat };
}

export function wgs84({ lon, lat, datum }: Position): LonLat {
  return datum === "gcj02" ? fromGcj02({ lon, lat }) : { lon, lat };
}
