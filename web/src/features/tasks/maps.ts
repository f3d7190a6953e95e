/** Handing a place over to a map app, each in the datum that it understands. */
import { gcj02 } from "./datum";
import type { LonLat } from "./types";

export type MapApp = "amap" | "phone" | "apple" | "google";

export interface Handover {
  app: MapApp;
  href: string;
}

const six = (x: number): string => x.toFixed(6);

/**
 * Amap's maps are GCJ-02, and Apple's of mainland China are made of Amap's. A `geo:` address is WGS-84
 * by its standard (RFC 5870), Google's by its documentation.
 */
export function handovers(at: LonLat, name: string): Handover[] {
  const label = encodeURIComponent(name);
  const moved = gcj02(at);
  const there = `${six(at.lat)},${six(at.lon)}`;
  return [
    {
      app: "amap",
      href:
        `https://uri.amap.com/navigation?to=${six(moved.lon)},${six(moved.lat)},${label}` +
        "&mode=car&coordinate=gaode&callnative=1",
    },
    { app: "phone", href: `geo:${there}?q=${there}(${label})` },
    { app: "apple", href: `https://maps.apple.com/?daddr=${six(moved.lat)},${six(moved.lon)}&q=${label}` },
    { app: "google", href: `https://www.google.com/maps/dir/?api=1&destination=${there}` },
  ];
}
