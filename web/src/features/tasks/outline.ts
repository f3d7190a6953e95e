/** The outlines of the grids of this phone's tasks: kept, because they are needed where no network is. */
import { limit, request } from "@/api/client";
import type { components } from "@/api/schema";
import { session } from "@/api/session";

import type { Outline } from "./ground";
import { keepGrid, recallGrid } from "./store";

type GridOut = components["schemas"]["GridOut"];

const LINE_MS = 30_000;
/** Borders change by decree: to ask once a day is enough. */
const FRESH_MS = 24 * 3600 * 1000;

/** Empty where neither the hub nor the phone knows it. */
export async function outlineOf(code: string): Promise<Outline> {
  const kept = await recallGrid(code).catch(() => undefined);
  if (kept && Date.now() - kept.at < FRESH_MS) return kept.outline;
  const signal = limit(LINE_MS);
  const answer = await request<GridOut>(`/api/v1/grids/${encodeURIComponent(code)}`, { signal });
  if (answer.kind !== "ok") return kept?.outline ?? [];
  const outline = ringsOf(answer.value.geometry);
  if (session.status === "in") await keepGrid(code, { at: Date.now(), outline }).catch(() => undefined);
  return outline;
}

/** The rings of a Polygon or a MultiPolygon of GeoJSON. */
function ringsOf(geometry: GridOut["geometry"]): Outline {
  if (geometry?.type === "Polygon") return geometry.coordinates as Outline;
  if (geometry?.type === "MultiPolygon") return (geometry.coordinates as Outline[]).flat();
  return [];
}
