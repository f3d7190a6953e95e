/** Ground points are kept in the datum of the camera's position; a person may read them off in another. Pure. */
import { gcj02 } from "@/features/tasks/datum";

import type { Datum } from "../types";

interface LonLat {
  lon: number;
  lat: number;
}

/** The inverse of `gcj02`, by fixed-point iteration as in `hub/kit/datum.py`. */
export function wgs84(at: LonLat): LonLat {
  let guess = at;
  for (let round = 0; round < 12; round++) {
    const shifted = gcj02(guess);
    guess = { lon: guess.lon + at.lon - shifted.lon, lat: guess.lat + at.lat - shifted.lat };
  }
  return guess;
}

/** To a centimetre. What is not a number yet stays so. */
export function converted(at: LonLat, from: Datum, to: Datum): LonLat {
  if (from === to || Number.isNaN(at.lon) || Number.isNaN(at.lat)) return at;
  const there = to === "gcj02" ? gcj02(at) : wgs84(at);
  const round = (value: number) => Math.round(value * 1e7) / 1e7;
  return { lon: round(there.lon), lat: round(there.lat) };
}
