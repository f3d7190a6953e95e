/** What the pages of privacy ask the hub for. */
import { useQuery } from "@tanstack/vue-query";
import { computed, type Ref } from "vue";

import { orThrow, request, send, type Answer } from "@/api/client";
import { queryClient } from "@/api/queries";
import type { components } from "@/api/schema";

type Schemas = components["schemas"];
export type CameraFile = Schemas["CameraFileOut"];
export type CameraFileDetail = Schemas["CameraFileDetailOut"];
export type CameraFiles = Schemas["CameraFilesOut"];
export type CameraFileIn = Schemas["CameraFileIn"];
export type Missing = Schemas["FileGap"];
export type Purpose = Schemas["Purpose"];
export type RetentionGround = Schemas["RetentionGround"];
export type Show = Schemas["FileShow"];
export type Export = Schemas["ExportOut"];
export type ExportIn = Schemas["ExportIn"];
export type ExportState = Schemas["ExportState"];
export type ExportReason = Schemas["ExportReason"];
export type Hold = Schemas["HoldOut"];
export type HoldIn = Schemas["HoldIn"];
export type HoldReason = Schemas["HoldReason"];
export type Retention = Schemas["RetentionOut"];

interface Page<T> {
  items: T[];
  next?: string | null;
}

const LIMIT = 500;
const NEWEST = 200;
/** Something is being made: look again soon. */
const SOON_MS = 5_000;
const SLOW_MS = 60_000;

/** All pages of the files; `total` and `incomplete` are those of the whole list. */
async function allFiles(show: Show, signal: AbortSignal): Promise<CameraFiles> {
  const items: CameraFile[] = [];
  for (let after = ""; ; ) {
    const page = await orThrow(request<CameraFiles>(`/api/v1/camera-files?show=${show}&limit=${LIMIT}&after=${encodeURIComponent(after)}`, { signal }));
    items.push(...page.items);
    if (!page.next) return { ...page, items };
    after = page.next;
  }
}

export function useFiles(show: Ref<Show>) {
  return useQuery({ queryKey: ["privacy", "files", show], queryFn: ({ signal }) => allFiles(show.value, signal) });
}

export function useFile(camera: () => string) {
  return useQuery({
    queryKey: computed(() => ["privacy", "file", camera()]),
    queryFn: ({ signal }) => orThrow(request<CameraFileDetail>(`/api/v1/camera-files/${encodeURIComponent(camera())}`, { signal })),
  });
}

export const writeFile = (camera: string, file: CameraFileIn): Promise<Answer<CameraFileDetail>> =>
  send("PUT", `/api/v1/camera-files/${encodeURIComponent(camera)}`, file);

const busy = (each: Export): boolean => each.state === "approved" || each.state === "making";

export function useExports(incident: () => string | null = () => null) {
  const of = (): string => (incident() === null ? "" : `&incident_id=${encodeURIComponent(incident() ?? "")}`);
  return useQuery({
    queryKey: computed(() => ["privacy", "exports", incident()]),
    queryFn: async ({ signal }) => (await orThrow(request<Page<Export>>(`/api/v1/exports?limit=${NEWEST}${of()}`, { signal }))).items,
    refetchInterval: ({ state }) => ((state.data ?? []).some(busy) ? SOON_MS : SLOW_MS),
  });
}

export const askExport = (asked: ExportIn): Promise<Answer<Export>> => send("POST", "/api/v1/exports", asked);

export const decideExport = (id: string, granted: boolean, note: string): Promise<Answer<Export>> =>
  send("POST", `/api/v1/exports/${encodeURIComponent(id)}/decision`, { granted, note });

/** The file; the hub counts each time it is fetched. A refusal comes as JSON and is told as such. */
export function fetchExport(id: string): Promise<Answer<Blob>> {
  return request<Blob>(`/api/v1/exports/${encodeURIComponent(id)}/fetch`, { method: "POST" }, (response) => response.blob());
}

export function useHolds(incident: () => string | null = () => null) {
  const of = (): string => (incident() === null ? "" : `&incident_id=${encodeURIComponent(incident() ?? "")}`);
  return useQuery({
    queryKey: computed(() => ["privacy", "holds", incident()]),
    queryFn: async ({ signal }) => (await orThrow(request<Page<Hold>>(`/api/v1/holds?limit=${NEWEST}${of()}`, { signal }))).items,
    refetchInterval: SLOW_MS,
  });
}

export const placeHold = (hold: HoldIn): Promise<Answer<Hold>> => send("POST", "/api/v1/holds", hold);

export const endHold = (id: string, note: string): Promise<Answer<Hold>> => send("POST", `/api/v1/holds/${encodeURIComponent(id)}/end`, { note });

export function useRetention() {
  return useQuery({ queryKey: ["privacy", "retention"], queryFn: ({ signal }) => orThrow(request<Retention>("/api/v1/retention", { signal })), refetchInterval: SLOW_MS });
}

export const reload = (): Promise<void> => queryClient.invalidateQueries({ queryKey: ["privacy"] });
