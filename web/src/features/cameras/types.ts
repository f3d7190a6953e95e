/** A camera, a rule and what a probe says, as the hub tells them. */
import type { components } from "@/api/schema";

/** As the client hands it out: a tuple of the document is a list to it. */
type Told<T> = T extends (infer E)[] ? Told<E>[] : T extends object ? { [K in keyof T]: Told<T[K]> } : T;
type Schemas = components["schemas"];

/** In the picture: shares of its width and height, 0 to 1, y down. */
export type Point = [number, number];

export interface Zone {
  id: string;
  name: string;
  polygon: Point[];
}

export interface Line {
  id: string;
  name: string;
  a: Point;
  b: Point;
}

export interface GroundPoint {
  x: number;
  y: number;
  lon: number;
  lat: number;
}

export interface RuleUse {
  rule: string;
  zone: string | null;
  line: string | null;
}

export type OwnerKind = Schemas["OwnerKind"];
export type PlaceClass = Schemas["PlaceClass"];
export type PlaceKind = Schemas["PlaceKind"];
export type Datum = Schemas["Datum"];

export interface Position {
  lon: number;
  lat: number;
  datum: Datum;
}

export interface View {
  azimuth_deg: number | null;
  fov_deg: number | null;
  range_m: number;
  ground_points: GroundPoint[];
}

export interface Health {
  state: string;
  worker: string | null;
  fps: number | null;
  bitrate_bps: number | null;
  last_picture_at: string | null;
  last_error: string | null;
  analysis_error: string | null;
}

/** What both sides of a registration have in common (`CameraHead` of the hub). */
export interface CameraHead {
  id: string;
  name: string;
  owner_kind: OwnerKind;
  owner: string;
  place_class: PlaceClass;
  place: PlaceKind | null;
  main: { url: string };
  sub: { url: string } | null;
  transport: "tcp" | "udp";
  position: Position | null;
  height_m: number;
  view: View;
  analysis_fps: number;
  model: string | null;
  zones: Zone[];
  lines: Line[];
  rules: RuleUse[];
  masks: Point[][];
  tags: string[];
  enabled: boolean;
}

export interface CameraIn extends CameraHead {
  /** A password left out stays as it is; null takes both away. */
  credentials: { username: string; password?: string } | null;
}

export interface Camera extends CameraHead {
  grid_code: string | null;
  credentials: { username: string; password_set: boolean } | null;
  managed_by: string;
  origin: string | null;
  version: number;
  updated_at: string;
  health: Health | null;
}

export interface Probe {
  reachable: boolean;
  codec: string | null;
  width: number | null;
  height: number | null;
  fps: number | null;
  took_s: number;
  error: string | null;
  picture_jpeg: string | null;
  gop?: number | null;
  reordered?: boolean | null;
}

export type Rule = Told<Schemas["RuleOut"]>["rule"];

export interface RuleEntry {
  rule: Rule;
  managed_by: string;
  origin: string | null;
  enabled: boolean;
  version: number;
}

export interface TrialFinding {
  episode_id: string;
  phase: "opened" | "updated" | "closed";
  severity: string;
  captured_at: string;
  raised_at: string;
  dwell_s: number;
  box: { x1: number; y1: number; x2: number; y2: number } | null;
  facts: Record<string, string | number | boolean>;
}

export interface Trial {
  camera: string;
  frames: number;
  from_at: string | null;
  to_at: string | null;
  findings: TrialFinding[];
}

export type RowOutcome = "create" | "update" | "same" | "refused";

export interface ImportReport {
  applied: boolean;
  created: number;
  updated: number;
  same: number;
  refused: number;
  rows: { line: number; camera_id: string; outcome: RowOutcome; faults: string[] }[];
}

export interface Grid {
  code: string;
  name: string;
  parent: string | null;
}

export const OWNER_KINDS: readonly OwnerKind[] = ["township", "school", "enterprise", "public"];
/** Kinds of spots that may be filmed; the others are refused by the hub. */
export const PLACE_KINDS: readonly PlaceKind[] = [
  ...(["street", "crossroads", "square", "gate", "yard", "car_park", "entrance_hall", "corridor", "stairs", "lift", "sales_floor"] as const),
  ...(["workshop", "warehouse", "kitchen", "classroom", "playground", "platform", "roof", "water", "woods", "field", "machine_room"] as const),
];
export const PLACE_CLASSES: readonly PlaceClass[] = [
  "street", "road", "square", "market", "school_gate", "factory", "station", "waterside", "forest", "office", "sensitive",
];
