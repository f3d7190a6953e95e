/** What the pages of cameras ask the hub for. */
import { useQuery } from "@tanstack/vue-query";
import { computed, onScopeDispose } from "vue";

import { ask, hub, orThrow, request, send, type Answer } from "@/api/client";
import { can } from "@/api/session";
import { queryClient, useFeed, useInvalidation } from "@/api/queries";

import { newest } from "./list";
import type { Camera, CameraIn, Grid, ImportReport, Probe, RuleEntry, Trial } from "./types";
import type { Rule, Line, Zone } from "./types";

interface Page<T> {
  items: T[];
  next?: string | null;
}

const PAGE = 500;
const LIST = ["cameras", "register"] as const;
/** Single entries are fetched one by one up to so many; more at once, and the list is loaded anew. */
const SINGLY_MAX = 10;

/** All pages, one after the other; what has come is shown while the rest is on its way. */
async function allCameras(signal: AbortSignal): Promise<Camera[]> {
  const first = queryClient.getQueryData(LIST) === undefined;
  const all: Camera[] = [];
  for (let after = ""; ; ) {
    const page = await orThrow(request<Page<Camera>>(`/api/v1/cameras?limit=${PAGE}&after=${encodeURIComponent(after)}`, { signal }));
    all.push(...page.items);
    if (!page.next) return newest(all, queryClient.getQueryData<Camera[]>(LIST) ?? []);
    after = page.next;
    if (first) queryClient.setQueryData<Camera[]>(LIST, (shown) => newest(all, shown ?? []));
  }
}

export function readCamera(id: string, signal?: AbortSignal): Promise<Answer<Camera>> {
  return request<Camera>(`/api/v1/cameras/${encodeURIComponent(id)}`, { signal: signal ?? null });
}

/** Put an entry into the list that is shown, or take it out of it. */
export function patch(id: string, camera: Camera | null): void {
  queryClient.setQueryData<Camera[]>(LIST, (all) => {
    if (!all) return all;
    const others = all.filter((each) => each.id !== id);
    return camera ? [...others, camera].sort((a, b) => (a.id < b.id ? -1 : 1)) : others;
  });
  if (camera) queryClient.setQueryData(["cameras", "one", id], camera);
}

/** The whole register; what others change comes in by the feed. */
export function useRegister() {
  const query = useQuery({ queryKey: LIST, queryFn: ({ signal }) => allCameras(signal), enabled: computed(() => can("cameras.read")), staleTime: 120_000 });
  const waiting = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  async function refresh(): Promise<void> {
    timer = undefined;
    const ids = [...waiting];
    waiting.clear();
    if (ids.length > SINGLY_MAX) return queryClient.invalidateQueries({ queryKey: LIST });
    for (const id of ids) {
      const answer = await readCamera(id);
      if (answer.kind === "ok") patch(id, answer.value);
      else if (answer.kind === "error" && answer.problem.status === 404) patch(id, null);
    }
  }
  useFeed("camera", (event) => {
    waiting.add(event.id);
    timer ??= setTimeout(() => void refresh(), 1_500);
  });
  onScopeDispose(() => clearTimeout(timer));
  return query;
}

/** The states of all cameras, small enough to be asked for every few seconds. */
export function useStates() {
  const query = useQuery({
    queryKey: ["cameras", "states"],
    queryFn: ({ signal }) => orThrow(request<{ states: Record<string, string> }>("/api/v1/cameras/states", { signal })),
    refetchInterval: 4_000,
    staleTime: 3_000,
    enabled: computed(() => can("cameras.read")),
  });
  return computed(() => query.data.value?.states ?? {});
}

export function useCamera(id: () => string) {
  useInvalidation("camera", ["cameras", "one"]);
  return useQuery({
    queryKey: computed(() => ["cameras", "one", id()]),
    queryFn: ({ signal }) => orThrow(readCamera(id(), signal)),
    refetchInterval: 4_000,
  });
}

export function useGrids() {
  const query = useQuery({
    queryKey: ["grids", "tree"],
    enabled: computed(() => can("grids.read")),
    queryFn: async ({ signal }) => (await orThrow(ask(hub.GET("/api/v1/grids", { signal })))).items,
    staleTime: 300_000,
  });
  return computed<Grid[]>(() => (query.data.value ?? []).map(({ code, name, parent_code }) => ({ code, name, parent: parent_code ?? null })));
}

export function useRules() {
  useInvalidation("rule", ["rules"]);
  const query = useQuery({
    queryKey: ["rules", "register"],
    queryFn: async ({ signal }) => (await orThrow(request<Page<RuleEntry>>("/api/v1/rules", { signal }))).items,
    enabled: computed(() => can("rules.read")),
  });
  return computed<RuleEntry[]>(() => query.data.value ?? []);
}

/** The ids of the rules that sensors use. */
export function useSensorRules() {
  useInvalidation("sensor", ["sensors"]);
  const query = useQuery({
    queryKey: ["sensors", "rules"],
    queryFn: async ({ signal }) => {
      const used = new Set<string>();
      for (let after: string | null | undefined = ""; typeof after === "string"; ) {
        const page: Page<{ rules: string[] }> = await orThrow(request(`/api/v1/sensors?limit=${PAGE}&after=${encodeURIComponent(after)}`, { signal }));
        for (const sensor of page.items) for (const rule of sensor.rules) used.add(rule);
        after = page.next;
      }
      return used;
    },
    enabled: computed(() => can("sensors.read")),
    staleTime: 300_000,
  });
  return computed<ReadonlySet<string>>(() => query.data.value ?? new Set());
}

export function useModels() {
  const query = useQuery({
    queryKey: ["models", "ids"],
    queryFn: async ({ signal }) => (await orThrow(request<Page<{ id: string; title: string }>>("/api/v1/models", { signal }))).items,
    enabled: computed(() => can("models.read")),
    staleTime: 600_000,
  });
  return computed(() => query.data.value ?? []);
}

export interface AlertLine {
  id: string;
  severity: string;
  rule_id: string;
  rule_kind: string;
  raised_at: string;
  life: string;
  verdict: string | null;
}

export function useAlertsOf(id: () => string) {
  useInvalidation("alert", ["alerts", "camera"], 2_000);
  return useQuery({
    queryKey: computed(() => ["alerts", "camera", id()]),
    queryFn: async ({ signal }) =>
      (await orThrow(request<Page<AlertLine>>(`/api/v1/alerts?source=${encodeURIComponent(id())}&limit=20`, { signal }))).items,
    enabled: computed(() => can("alerts.read")),
  });
}

export const createCamera = (body: CameraIn): Promise<Answer<Camera>> => send("POST", "/api/v1/cameras", body);

export const updateCamera = (body: CameraIn, version?: number): Promise<Answer<Camera>> =>
  send("PUT", `/api/v1/cameras/${encodeURIComponent(body.id)}${version ? `?version=${version}` : ""}`, body);

export const deleteCamera = (id: string): Promise<Answer<undefined>> => send("DELETE", `/api/v1/cameras/${encodeURIComponent(id)}`);

export type Role = "main" | "sub";

/** A look at an address that is not registered; nothing of it is kept but who looked. */
export const probeDraft = (body: CameraIn, role: Role): Promise<Answer<Probe>> => send("POST", `/api/v1/cameras/probe?role=${role}`, body);

export const probeCamera = (id: string, role: Role): Promise<Answer<Probe>> =>
  send("POST", `/api/v1/cameras/${encodeURIComponent(id)}/probe?role=${role}&reason=maintenance`);

export function importSheet(sheet: Blob, dryRun: boolean): Promise<Answer<ImportReport>> {
  const headers = { "Content-Type": "text/csv" };
  return request(`/api/v1/cameras/import?dry_run=${dryRun}`, { method: "POST", body: sheet, headers });
}

export const exportCameras = (): Promise<Answer<string>> => request("/api/v1/cameras/export");

export function tryRule(rule: Rule, camera: string, place: { zone?: Zone; line?: Line }, minutes: number): Promise<Answer<Trial>> {
  return send("POST", "/api/v1/rules/try", { rule, camera, minutes, ...place });
}

export const createRule = (rule: Rule): Promise<Answer<RuleEntry>> => send("POST", "/api/v1/rules", rule);
