/**
 * What a base map in GCJ-02 is laid under: everything of ours goes through the shift before
 * Mercator, so that tiles stay where they are and the hub's positions come to lie on them.
 */
import L from "leaflet";

import { gcj02 } from "@/features/tasks/datum";

import { fromGcj02 } from "./datum";

const mercator = L.Projection.SphericalMercator;

const projection: L.Projection = {
  bounds: mercator.bounds,
  project({ lat, lng }) {
    const there = gcj02({ lon: lng, lat });
    return mercator.project(L.latLng(there.lat, there.lon));
  },
  unproject(point) {
    const { lat, lng } = mercator.unproject(point);
    const here = fromGcj02({ lon: lng, lat });
    return L.latLng(here.lat, here.lon);
  },
};

export const GCJ02: L.CRS = L.Util.extend({}, L.CRS.EPSG3857, { projection });

export function crsOf(datum: string): L.CRS {
  return datum === "gcj02" ? GCJ02 : L.CRS.EPSG3857;
}
