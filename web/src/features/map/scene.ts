/** What lies on the map, drawn anew when the map has moved or something has changed. */
import L from "leaflet";

import { binned, lookOf, MARK_PX, sharesOf, sideOf, type Bin } from "./bins";
import { holds, meets, boxOf, type Box } from "./geo";
import { labels, seen, styleOf, type GridKind, type GridShape } from "./grids";
import { cameraMark, crowdMark, crowdRadius, mark, sensorMark, type Paint } from "./marks";
import { latLng, type Stage } from "./stage";
import { worstOf, type AlertSpot, type CameraSpot, type SensorSpot } from "./things";
import type { LonLat } from "./datum";

export interface SceneHooks {
  cameras(chosen: readonly CameraSpot[]): void;
  sensor(chosen: SensorSpot): void;
  alerts(chosen: readonly AlertSpot[]): void;
  /** What an alert's mark says to those who cannot see it. */
  alertTitle(chosen: readonly AlertSpot[]): string;
}

/** Narrower than this on the screen, a cone is hidden by its own camera's mark. */
const CONE_PX = 14;
const CONES_MAX = 800;
const ALERT_PX = 34;
const ALERTS_CROWD_PX = 56;
const ALERTS_MAX = 60;
/** So many pulse, the most urgent: without a graphics card each costs a part of every frame. */
const PULSES_MAX = 12;
const TOWN_TINTS = ["#e8f0e4", "#f3ecdf", "#e5ecf5", "#f2e8ee"];

export class Scene {
  private readonly polygons = new Map<string, L.Polygon>();
  private readonly cones = L.layerGroup();
  private readonly names = L.layerGroup();
  private readonly cameras = L.layerGroup();
  private readonly sensors = L.layerGroup();
  private readonly alerts = new Map<string, L.Marker>();
  private chosen: L.Polygon | null = null;

  constructor(
    private readonly stage: Stage,
    private readonly paint: Paint,
    private readonly colour: (variable: string) => string,
    private readonly hooks: SceneHooks,
  ) {
    for (const group of [this.cones, this.names, this.sensors, this.cameras]) group.addTo(stage.map);
  }

  /** The view and a margin around it, so that nothing is missing at the edge while it is moved. */
  private get around(): Box {
    const [west, south, east, north] = this.stage.view.box;
    const [x, y] = [(east - west) * 0.2, (north - south) * 0.2];
    return [west - x, south - y, east + x, north + y];
  }

  drawGrids(shapes: readonly GridShape[], kinds: ReadonlySet<GridKind>, onTiles: boolean): void {
    const wanted = seen(shapes, this.around, this.stage.view.pxPerDeg, kinds);
    const made = new Map<string, () => L.Polygon>();
    for (const shape of wanted) {
      if (!onTiles && shape.kind === "civil" && shape.tier === 1) made.set(`${shape.code} tint`, () => this.tint(shape));
      made.set(shape.code, () => this.border(shape));
    }
    for (const [key, polygon] of this.polygons) {
      if (made.has(key)) continue;
      polygon.remove();
      this.polygons.delete(key);
    }
    for (const [key, make] of made) if (!this.polygons.has(key)) this.polygons.set(key, make().addTo(this.stage.map));
    // Borders of the larger lie over those of the smaller; the police's and others over all.
    const order = wanted.toSorted((a, b) => b.tier - a.tier || (a.kind === "civil" ? -1 : 1));
    for (const shape of order) if (shape.kind !== "civil" || shape.tier < 2) this.polygons.get(shape.code)?.bringToFront();
    this.chosen?.bringToFront();
  }

  /** Colours are another on a base map: draw all of them again. */
  forgetGrids(): void {
    for (const polygon of this.polygons.values()) polygon.remove();
    this.polygons.clear();
  }

  private border(shape: GridShape): L.Polygon {
    const { colour, weight, dash } = styleOf(shape);
    return L.polygon(ringsOf(shape), {
      renderer: this.stage.ground,
      interactive: false,
      color: this.colour(colour),
      weight,
      ...(dash ? { dashArray: dash } : {}),
      fill: shape.kind === "dedicated",
      fillOpacity: 0.12,
      smoothFactor: 1,
    });
  }

  /** The ground of a town, where no base map shows it: below all borders. */
  private tint(shape: GridShape): L.Polygon {
    const style = { stroke: false, fillColor: tintOf(shape.code), fillOpacity: 0.9, renderer: this.stage.ground, interactive: false };
    const made = L.polygon(ringsOf(shape), style);
    return made.on("add", () => made.bringToBack());
  }

  /** One grid in bold, or none. */
  choose(shape: GridShape | null): void {
    this.chosen?.remove();
    this.chosen = null;
    if (!shape) return;
    const style = { color: this.paint.accent, weight: 4, fillColor: this.paint.accent, fillOpacity: 0.12 };
    this.chosen = L.polygon(ringsOf(shape), { ...style, renderer: this.stage.ground, interactive: false }).addTo(this.stage.map);
  }

  drawNames(shapes: readonly GridShape[], kinds: ReadonlySet<GridKind>): void {
    this.names.clearLayers();
    const view = this.stage.view;
    const [west, south, east, north] = view.box;
    const inView = seen(shapes, view.box, view.pxPerDeg, kinds).filter(({ middle }) => holds(view.box, middle));
    const perLat = this.stage.map.getSize().y / (north - south);
    const boxes = inView
      // A grid that fills the screen needs no name in the middle of it.
      .filter(({ box }) => box[2] - box[0] < (east - west) * 0.9)
      .map((shape) => ({
        shape,
        text: shape.name,
        ...pick(this.stage.world(shape.middle)),
        width: (shape.box[2] - shape.box[0]) * view.pxPerDeg,
        height: (shape.box[3] - shape.box[1]) * perLat,
      }));
    for (const { shape, text } of labels(boxes)) {
      const icon = L.divIcon({ className: `x-grid-name ${shape.kind} tier-${shape.tier}`, html: span(text), iconSize: [0, 0] });
      L.marker(latLng(shape.middle), { icon, pane: "names", interactive: false, keyboard: false }).addTo(this.names);
    }
  }

  drawCones(spots: readonly CameraSpot[]): void {
    this.cones.clearLayers();
    const { pxPerDeg } = this.stage.view;
    const near = spots.filter(({ sees, rangeM }) => sees.length > 2 && (rangeM / 100_000) * pxPerDeg >= CONE_PX);
    const inView = near.filter(({ sees }) => meets(boxOf(sees) ?? [0, 0, 0, 0], this.around)).slice(0, CONES_MAX);
    for (const { sees } of inView) {
      const style = { color: this.paint.accent, weight: 1, opacity: 0.7, fillColor: this.paint.accent, fillOpacity: 0.18 };
      L.polygon(sees.map(latLng), { ...style, renderer: this.stage.ground, interactive: false }).addTo(this.cones);
    }
  }

  drawCameras(spots: readonly CameraSpot[], stateOf: (spot: CameraSpot) => string): void {
    this.cameras.clearLayers();
    const around = this.around;
    const inView = spots.filter(({ at }) => holds(around, at));
    for (const bin of binned(inView, (spot) => this.stage.world(spot.at), sideOf(inView.length))) {
      this.cameraBin(bin, stateOf).on("click", (event) => {
        L.DomEvent.stopPropagation(event);
        this.hooks.cameras(bin.items);
      }).addTo(this.cameras);
    }
  }

  private cameraBin(bin: Bin<CameraSpot>, stateOf: (spot: CameraSpot) => string): L.CircleMarker {
    const options = { renderer: this.stage.marks };
    const [first] = bin.items;
    if (bin.items.length === 1 && first) {
      return mark(latLng(first.at), 8, cameraMark(lookOf(stateOf(first)), this.paint), options);
    }
    const count = bin.items.length;
    const draw = crowdMark(count, sharesOf(bin.items.map(stateOf)), this.paint);
    return mark(this.stage.map.unproject([bin.x, bin.y]), crowdRadius(count), draw, options);
  }

  drawSensors(spots: readonly SensorSpot[]): void {
    this.sensors.clearLayers();
    const around = this.around;
    const inView = spots.filter(({ at }) => holds(around, at));
    for (const { items } of binned(inView, (spot) => this.stage.world(spot.at), MARK_PX / 4)) {
      const [spot] = items;
      if (!spot) continue;
      mark(latLng(spot.at), 8, sensorMark(this.paint), { renderer: this.stage.marks }).on("click", (event) => {
        L.DomEvent.stopPropagation(event);
        this.hooks.sensor(spot);
      }).addTo(this.sensors);
    }
  }

  /** Marks that stay the same stay where they are: the focus and the pulse are theirs. */
  drawAlerts(spots: readonly AlertSpot[]): void {
    const around = this.around;
    const inView = spots.filter(({ at }) => holds(around, at));
    const side = inView.length > ALERTS_MAX ? ALERTS_CROWD_PX : ALERT_PX;
    const wanted = new Map<string, AlertSpot[]>();
    const pulsing = new Set<string>();
    // They come by urgency, and so do their bins.
    for (const { items } of binned(inView, (spot) => this.stage.world(spot.at), side)) {
      const pulses = pulsing.size < PULSES_MAX && worstOf(items).waiting;
      const key = `${pulses} ${keyOf(items)}`;
      wanted.set(key, items);
      if (pulses) pulsing.add(key);
    }
    for (const [key, old] of this.alerts) {
      if (wanted.has(key)) continue;
      old.remove();
      this.alerts.delete(key);
    }
    for (const [key, items] of wanted) {
      const [first] = items;
      if (first && !this.alerts.has(key)) this.alerts.set(key, this.alertMark(items, first.at, pulsing.has(key)).addTo(this.stage.map));
    }
  }

  private alertMark(items: readonly AlertSpot[], at: LonLat, pulses: boolean): L.Marker {
    const { severity, waiting } = worstOf(items);
    const icon = L.divIcon({
      className: `x-alert ${severity.toLowerCase()} ${waiting ? "waiting" : ""} ${pulses ? "pulses" : ""}`,
      html: `<i></i><b>${items.length > 1 ? items.length : "!"}</b>`,
      iconSize: [26, 26],
    });
    const title = this.hooks.alertTitle(items);
    const made = L.marker(latLng(at), { icon, title, alt: title, zIndexOffset: 10 - Number(severity.slice(1)) });
    // Leaflet lets a mark be reached by the keyboard, and hands on what is pressed there as such.
    made.on("keypress", ({ originalEvent: { key } }) => key === "Enter" && this.hooks.alerts(items));
    return made.on("click", () => this.hooks.alerts(items)).on("add", () => dress(made, items, title));
  }
}

function keyOf(items: readonly AlertSpot[]): string {
  return items.map(({ alert, at }) => `${alert.id} ${alert.severity} ${alert.ack} ${at.lon} ${at.lat}`).join();
}

function dress(made: L.Marker, items: readonly AlertSpot[], title: string): void {
  const element = made.getElement();
  if (!element) return;
  element.dataset.test = "map-alert";
  element.dataset.alert = items[0]?.alert.id ?? "";
  element.setAttribute("aria-label", title);
}

function ringsOf({ polygons }: GridShape): L.LatLng[][][] {
  return polygons.map((rings) => rings.map((ring) => ring.map(latLng)));
}

function tintOf(code: string): string {
  let sum = 0;
  for (const char of code.slice(0, 9)) sum = (sum * 31 + char.charCodeAt(0)) % 9973;
  return TOWN_TINTS[sum % TOWN_TINTS.length] as string;
}

function pick({ x, y }: L.Point): { x: number; y: number } {
  return { x, y };
}

function span(text: string): HTMLElement {
  const element = document.createElement("span");
  element.textContent = text;
  return element;
}
