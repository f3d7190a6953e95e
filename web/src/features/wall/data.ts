/** What the wall asks the hub for. */
import { useQuery } from "@tanstack/vue-query";
import { computed } from "vue";

import { ask, hub, orThrow, request, send, type Answer } from "@/api/client";
import { useInvalidation } from "@/api/queries";

import { fromBody, toBody, type Layout } from "./layouts";
import { KEPT, wantsEyes, type AlertSaid } from "./popups";
import type { CameraItem, GridItem } from "./tree";

interface Page<T> {
  items: T[];
  next?: string | null;
}

interface CameraSaid {
  id: string;
  name: string;
  owner: string;
  enabled: boolean;
  grid_code?: string | null;
  health: { state: string } | null;
}

const PAGE = 500;

/** All pages of a list. */
async function all<T>(path: string, signal: AbortSignal): Promise<T[]> {
  const items: T[] = [];
  for (let after = ""; ; ) {
    const page = await orThrow(request<Page<T>>(`${path}?limit=${PAGE}&after=${encodeURIComponent(after)}`, { signal }));
    items.push(...page.items);
    if (!page.next) return items;
    after = page.next;
  }
}

async function allCameras(signal: AbortSignal): Promise<CameraItem[]> {
  const cameras = await all<CameraSaid>("/api/v1/cameras", signal);
  return cameras.filter((camera) => camera.enabled).map((camera) => ({
    id: camera.id,
    name: camera.name,
    owner: camera.owner,
    gridCode: camera.grid_code ?? null,
    state: camera.health?.state ?? "unknown",
  }));
}

async function allGrids(signal: AbortSignal): Promise<GridItem[]> {
  const page = await orThrow(ask(hub.GET("/api/v1/grids", { signal })));
  return page.items.map((grid) => ({ code: grid.code, name: grid.name, parent: grid.parent_code ?? null }));
}

/** All cameras that are in use, with the states their workers tell. */
export function useCameras() {
  useInvalidation("camera", ["cameras"]);
  return useQuery({
    queryKey: ["cameras", "wall"],
    queryFn: ({ signal }) => allCameras(signal),
    refetchInterval: 10_000,
  });
}

export function useGrids() {
  useInvalidation("grid", ["grids"]);
  return useQuery({ queryKey: ["grids", "names"], queryFn: ({ signal }) => allGrids(signal), staleTime: 300_000 });
}

interface SensorSaid {
  id: string;
  name: string;
}

/** Names of the sensors, for the alerts they raise. */
export function useSensorNames() {
  useInvalidation("sensor", ["sensors"]);
  return useQuery({
    queryKey: ["sensors", "names"],
    queryFn: async ({ signal }) => {
      const sensors = await all<SensorSaid>("/api/v1/sensors", signal);
      return new Map(sensors.map((sensor) => [sensor.id, sensor.name]));
    },
    staleTime: 300_000,
  });
}

export interface Saved {
  id: string;
  name: string;
  owner: string | null;
  shared: boolean;
  version: number;
  mine: boolean;
  layout: Layout;
}

type SavedSaid = Omit<Saved, "layout"> & { body: unknown };

const LAYOUTS = "/api/v1/wall/layouts";
const LAYOUTS_MS = 20_000;

function savedOf({ body, ...rest }: SavedSaid): Saved {
  return { ...rest, layout: fromBody(body) };
}

export function useLayouts() {
  const query = useQuery({
    queryKey: ["layouts"],
    queryFn: ({ signal }) => orThrow(request<Page<SavedSaid>>(LAYOUTS, { signal })),
    // No feed tells of layouts, and a wall stays open for days.
    refetchInterval: LAYOUTS_MS,
  });
  return { query, layouts: computed(() => (query.data.value?.items ?? []).map(savedOf)) };
}

export function createLayout(name: string, shared: boolean, layout: Layout): Promise<Answer<SavedSaid>> {
  return send("POST", LAYOUTS, { name, shared, body: toBody(layout) });
}

export function updateLayout(saved: Saved, layout: Layout): Promise<Answer<SavedSaid>> {
  const { id, name, shared, version } = saved;
  return send("PUT", `${LAYOUTS}/${id}`, { name, shared, version, body: toBody(layout) });
}

export function deleteLayout(id: string): Promise<Answer<unknown>> {
  return send("DELETE", `${LAYOUTS}/${id}`);
}

/** Alerts that nobody has taken note of, the most urgent first, as many as are kept; `whole`: these are all. */
export async function unackedAlerts(signal: AbortSignal): Promise<{ items: AlertSaid[]; whole: boolean }> {
  const path = `/api/v1/alerts?ack=unacked&judged=false&order=urgency&limit=${KEPT}`;
  const items: AlertSaid[] = [];
  for (let after = ""; ; ) {
    const page = await orThrow(request<Page<AlertSaid>>(after ? `${path}&after=${encodeURIComponent(after)}` : path, { signal }));
    items.push(...page.items.filter(wantsEyes));
    if (!page.next || items.length >= KEPT) return { items, whole: !page.next };
    after = page.next;
  }
}

export function acknowledge(id: string): Promise<Answer<AlertSaid>> {
  return send("POST", `/api/v1/alerts/${id}/acknowledge`, { note: "" });
}
