/** The Leaflet side of the map: its panes, the base map, the place that is looked at, the pop-over. */
import L from "leaflet";

import type { BaseMap } from "@/api/site";

import { crsOf } from "./crs";
import type { LonLat } from "./datum";
import type { Box } from "./geo";

export interface View {
  box: Box;
  zoom: number;
  /** Pixels of a degree of longitude. */
  pxPerDeg: number;
}

export interface StageHooks {
  moved(view: View): void;
  /** A click where nothing of ours is. */
  ground(at: LonLat): void;
  popupClosed(): void;
}

const KEY = "hub.map.view";
const CHINA: L.LatLngBoundsExpression = [[18, 74], [53, 134]];
const MAX_ZOOM = 19;
const CLOSE_ZOOM = 17;

export const latLng = ({ lon, lat }: LonLat): L.LatLng => L.latLng(lat, lon);
const bounds = ([west, south, east, north]: Box): L.LatLngBounds => L.latLngBounds([south, west], [north, east]);

export class Stage {
  readonly map: L.Map;
  /** Grids and cones: drawn, never clicked. */
  readonly ground: L.Canvas;
  /** Cameras and sensors. */
  readonly marks: L.Canvas;
  readonly popup: L.Popup;
  /** What the pop-over shows is rendered into this. */
  readonly slot = document.createElement("div");
  private tiles: L.TileLayer | null = null;
  private readonly still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  private placed = false;

  constructor(element: HTMLElement, private readonly hooks: StageHooks, zoomTitles: { in: string; out: string }) {
    this.map = L.map(element, {
      preferCanvas: true,
      zoomControl: false,
      attributionControl: false,
      maxZoom: MAX_ZOOM,
      minZoom: 3,
      zoomSnap: 0.5,
      fadeAnimation: !this.still,
      zoomAnimation: !this.still,
    });
    L.control.zoom({ position: "bottomright", zoomInTitle: zoomTitles.in, zoomOutTitle: zoomTitles.out }).addTo(this.map);
    L.control.scale({ imperial: false, position: "bottomleft" }).addTo(this.map);
    L.control.attribution({ prefix: false, position: "bottomleft" }).addTo(this.map);
    this.ground = this.canvas("ground", 350, false);
    this.pane("names", 360, false);
    this.marks = this.canvas("marks", 450, true);
    // Leaflet would close it before it tells of the click: the page, which decides, would not know that it was open.
    const options: L.PopupOptions = { minWidth: 300, maxWidth: 340, autoPanPadding: [16, 16], className: "x-popup", closeOnClick: false };
    this.popup = L.popup(options).setContent(this.slot);
    this.map.on("moveend", () => this.tell());
    this.map.on("click", ({ latlng }) => this.hooks.ground({ lon: latlng.lng, lat: latlng.lat }));
    this.popup.on("remove", () => this.hooks.popupClosed());
    this.restore();
  }

  private pane(name: string, zIndex: number, clickable: boolean): void {
    const pane = this.map.createPane(name);
    pane.style.zIndex = String(zIndex);
    if (!clickable) pane.style.pointerEvents = "none";
  }

  private canvas(name: string, zIndex: number, clickable: boolean): L.Canvas {
    this.pane(name, zIndex, clickable);
    return L.canvas({ pane: name, padding: 0.2, tolerance: 4 });
  }

  get view(): View {
    const found = this.map.getBounds();
    const [west, east] = [found.getWest(), found.getEast()];
    return {
      box: [west, found.getSouth(), east, found.getNorth()],
      zoom: this.map.getZoom(),
      pxPerDeg: this.map.getSize().x / Math.max(1e-9, east - west),
    };
  }

  /** In pixels of the whole world at the present zoom. */
  world(at: LonLat): L.Point {
    return this.map.project(latLng(at));
  }

  at(point: L.PointExpression): LonLat {
    const { lat, lng } = this.map.unproject(point);
    return { lon: lng, lat };
  }

  /** Lay a base map under everything, or none. One of another datum moves the rest, not the tiles. */
  base(tiles: BaseMap | null): void {
    this.tiles?.remove();
    this.tiles = null;
    const crs = crsOf(tiles?.datum ?? "wgs84");
    if (this.map.options.crs !== crs) {
      const [centre, zoom] = [this.map.getCenter(), this.map.getZoom()];
      this.map.options.crs = crs;
      this.map.setView(centre, zoom, { animate: false, reset: true } as L.ZoomPanOptions);
    }
    if (!tiles) return;
    this.tiles = L.tileLayer(tiles.url, { attribution: text(tiles.attribution), maxZoom: MAX_ZOOM, maxNativeZoom: 18 }).addTo(this.map);
  }

  /**
   * Show all of a box beside what covers `coveredPx` of the right edge, unless the last visit's
   * place is being looked at (`first`).
   */
  fit(box: Box, coveredPx = 0, first = false): void {
    if (first && this.placed) return;
    this.placed = true;
    this.map.fitBounds(bounds(box), { paddingTopLeft: [24, 24], paddingBottomRight: [24 + coveredPx, 24], maxZoom: CLOSE_ZOOM, animate: !first && !this.still });
  }

  /** At once: a pop-over that opens while the map still moves finds no room for itself. */
  go(at: LonLat): void {
    this.placed = true;
    this.map.setView(latLng(at), Math.max(this.map.getZoom(), CLOSE_ZOOM), { animate: false });
  }

  open(at: LonLat): void {
    this.popup.setLatLng(latLng(at)).openOn(this.map);
  }

  close(): void {
    this.popup.remove();
  }

  resized(): void {
    this.map.invalidateSize({ animate: false });
  }

  destroy(): void {
    // Leaflet takes canvases away before what is drawn on them, which then asks for a last drawing.
    this.map.eachLayer((layer) => layer instanceof L.Path && layer.remove());
    this.map.remove();
  }

  private tell(): void {
    const { lat, lng } = this.map.getCenter();
    if (this.placed) localStorage.setItem(KEY, JSON.stringify([lng, lat, this.map.getZoom()]));
    this.hooks.moved(this.view);
  }

  private restore(): void {
    const kept = placeFrom(localStorage.getItem(KEY));
    this.placed = kept !== null;
    if (kept) this.map.setView([kept[1], kept[0]], kept[2], { animate: false });
    else this.map.fitBounds(CHINA, { animate: false });
  }
}

/** Longitude, latitude and zoom that were kept, null where there is nothing sensible. */
export function placeFrom(kept: string | null): [number, number, number] | null {
  try {
    const [lon, lat, zoom] = JSON.parse(kept ?? "null") as number[];
    return [lon, lat, zoom].every(Number.isFinite) && Math.abs(lat as number) < 85 ? [lon as number, lat as number, zoom as number] : null;
  } catch {
    return null;
  }
}

/** Leaflet takes attributions for HTML; ours is a line of a file. */
function text(line: string): string {
  const element = document.createElement("span");
  element.textContent = line;
  return element.innerHTML;
}
