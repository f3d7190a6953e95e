/** A registration as a form holds it, and what is wrong with it before the hub is asked. Pure. */
import type { Camera, CameraIn, Datum, OwnerKind, PlaceClass, PlaceKind } from "./types";

export interface Draft {
  id: string;
  name: string;
  owner_kind: OwnerKind;
  owner: string;
  place_class: PlaceClass;
  /** Empty: nobody has said. */
  place: PlaceKind | "";
  main: string;
  sub: string;
  transport: "tcp" | "udp";
  username: string;
  /** Empty: the one the hub has stays. */
  password: string;
  lon: number | null;
  lat: number | null;
  datum: Datum;
  height_m: number | null;
  azimuth_deg: number | null;
  fov_deg: number | null;
  range_m: number | null;
  analysis_fps: number | null;
  model: string | null;
  tags: string[];
  enabled: boolean;
}

export type Field = keyof Draft;
export type Wrong = "missing" | "id" | "address" | "secret" | "both" | "number";

export const EMPTY: Draft = {
  id: "",
  name: "",
  owner_kind: "township",
  owner: "",
  place_class: "street",
  place: "",
  main: "",
  sub: "",
  transport: "tcp",
  username: "",
  password: "",
  lon: null,
  lat: null,
  datum: "wgs84",
  height_m: 4,
  azimuth_deg: null,
  fov_deg: null,
  range_m: 60,
  analysis_fps: 5,
  model: null,
  tags: [],
  enabled: true,
};

export function draftOf(camera: Camera): Draft {
  const { id, name, owner_kind, owner, place_class, transport, height_m, analysis_fps, model, enabled, view, position } = camera;
  return {
    ...{ id, name, owner_kind, owner, place_class, transport, height_m, analysis_fps, model, enabled },
    place: camera.place ?? "",
    main: camera.main.url,
    sub: camera.sub?.url ?? "",
    username: camera.credentials?.username ?? "",
    password: "",
    lon: position?.lon ?? null,
    lat: position?.lat ?? null,
    datum: position?.datum ?? "wgs84",
    azimuth_deg: view.azimuth_deg,
    fov_deg: view.fov_deg,
    range_m: view.range_m,
    tags: [...camera.tags],
  };
}

const RANGES: Partial<Record<Field, readonly [number, number]>> = {
  lon: [-180, 180],
  lat: [-90, 90],
  height_m: [0.1, 200],
  azimuth_deg: [0, 359.999],
  fov_deg: [0.1, 179.9],
  range_m: [1, 2000],
  analysis_fps: [0.1, 30],
};

/** What is wrong, by field. Empty: the hub may be asked. */
export function faultsOf(draft: Draft): Partial<Record<Field, Wrong>> {
  const wrong: Partial<Record<Field, Wrong>> = {};
  for (const field of ["id", "name", "owner", "main"] as const) if (!draft[field].trim()) wrong[field] = "missing";
  if (draft.id && !/^[a-z0-9][a-z0-9._-]{0,63}$/.test(draft.id)) wrong.id = "id";
  for (const field of ["main", "sub"] as const) {
    const fault = draft[field].trim() ? addressFault(draft[field].trim()) : null;
    if (fault) wrong[field] = fault;
  }
  for (const [field, [least, most]] of Object.entries(RANGES) as [Field, readonly [number, number]][]) {
    const value = draft[field] as number | null;
    if (value !== null && !(value >= least && value <= most)) wrong[field] = "number";
  }
  for (const [one, other] of [["lon", "lat"], ["azimuth_deg", "fov_deg"]] as const) {
    if (draft[one] !== null && draft[other] === null) wrong[other] = "both";
    if (draft[other] !== null && draft[one] === null) wrong[one] = "both";
  }
  if (draft.password && !draft.username.trim()) wrong.username = "missing";
  return wrong;
}

function addressFault(url: string): Wrong | null {
  const found = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(url);
  if (!found) return "address";
  return found[1]?.includes("@") ? "secret" : null;
}

/** The body to send. What the form does not show (zones, rules, masks, …) stays as it was. */
export function bodyOf(draft: Draft, before: Camera | null): CameraIn {
  const { owner_kind, place_class, transport, datum, model, enabled, lon, lat } = draft;
  const username = draft.username.trim();
  return {
    ...{ owner_kind, place_class, transport, model, enabled },
    place: draft.place || null,
    id: draft.id.trim(),
    name: draft.name.trim(),
    owner: draft.owner.trim(),
    main: { url: draft.main.trim() },
    sub: draft.sub.trim() ? { url: draft.sub.trim() } : null,
    credentials: username ? { username, ...(draft.password ? { password: draft.password } : {}) } : null,
    position: lon === null || lat === null ? null : { lon, lat, datum },
    height_m: draft.height_m ?? EMPTY.height_m ?? 4,
    view: {
      azimuth_deg: draft.azimuth_deg,
      fov_deg: draft.fov_deg,
      range_m: draft.range_m ?? 60,
      ground_points: before?.view.ground_points ?? [],
    },
    analysis_fps: draft.analysis_fps ?? 5,
    tags: draft.tags,
    zones: before?.zones ?? [],
    lines: before?.lines ?? [],
    rules: before?.rules ?? [],
    masks: before?.masks ?? [],
  };
}

/** A whole registration with some of it changed, its password left as it is. */
export function changedBody(camera: Camera, changes: Partial<CameraIn>): CameraIn {
  const { id, name, owner_kind, owner, place_class, place, main, sub, transport, position, height_m, view } = camera;
  const { analysis_fps, model, zones, lines, rules, masks, tags, enabled } = camera;
  return {
    ...{ id, name, owner_kind, owner, place_class, place, main, sub, transport, position, height_m, view },
    ...{ analysis_fps, model, zones, lines, rules, masks, tags, enabled },
    credentials: camera.credentials ? { username: camera.credentials.username } : null,
    ...changes,
  };
}
