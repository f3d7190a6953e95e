/** What the pages of whistles ask the hub for, and how they tell it something. */
import { useInfiniteQuery, useQuery } from "@tanstack/vue-query";
import { computed } from "vue";

import { limit, orThrow, request, type Answer } from "@/api/client";
import { queryClient } from "@/api/queries";
import { can } from "@/api/session";
import { INCIDENTS } from "@/features/incidents/data";
import type { Shot } from "@/features/incidents/shots";

import { bodyOf, FORMS, type Draft } from "./saying";
import type { Department, Part, Said, Whistle } from "./types";

export const WHISTLES = ["whistles"] as const;
export const TABS = ["open", "ended", "mine"] as const;
export type Tab = (typeof TABS)[number];

const LINE_MS = 30_000;
const PHOTO_MS = 120_000;
const QUESTIONS: Record<Tab, string> = { open: "open=true", ended: "open=false", mine: "mine=true" };

interface Page<T> {
  items: T[];
  next?: string | null;
}

const address = (id: string): string => `/api/v1/whistles/${encodeURIComponent(id)}`;
const get = <T>(path: string, signal: AbortSignal): Promise<T> => orThrow(request<T>(path, { signal }));

export function useWhistles(tab: () => Tab) {
  const query = useInfiniteQuery({
    queryKey: computed(() => [...WHISTLES, "list", tab()]),
    queryFn: ({ pageParam, signal }) => get<Page<Whistle>>(`/api/v1/whistles?${QUESTIONS[tab()]}&limit=200${pageParam && `&after=${encodeURIComponent(pageParam)}`}`, signal),
    initialPageParam: "",
    getNextPageParam: ({ next }: Page<Whistle>) => next ?? undefined,
  });
  return { query, items: computed(() => query.data.value?.pages.flatMap(({ items }) => items) ?? []) };
}

export function useWhistle(id: () => string) {
  return useQuery({ queryKey: computed(() => [...WHISTLES, "one", id()]), queryFn: ({ signal }) => get<Whistle>(address(id()), signal), staleTime: 5_000 });
}

export function useWhistlesOf(incident: () => string) {
  return useQuery({
    queryKey: computed(() => [...WHISTLES, "of", incident()]),
    queryFn: async ({ signal }) => (await get<Page<Whistle>>(`/api/v1/whistles?incident_id=${encodeURIComponent(incident())}&limit=200`, signal)).items,
    enabled: computed(() => can("whistles.read")),
  });
}

export function useDepartments() {
  const query = useQuery({
    queryKey: ["departments"],
    queryFn: async ({ signal }) => (await get<Page<Department>>("/api/v1/departments", signal)).items,
    staleTime: 600_000,
    enabled: computed(() => can("whistles.read")),
  });
  const departments = computed<readonly Department[]>(() => query.data.value ?? []);
  const name = (id: string): string => departments.value.find((each) => each.id === id)?.name ?? id;
  return { departments, name };
}

function post<T>(path: string, key: string, body: unknown): Promise<Answer<T>> {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
  return request<T>(path, { method: "POST", headers, body: JSON.stringify(body), signal: limit(LINE_MS) });
}

export interface Wanted {
  unit: string;
  part: Part;
  note: string;
}

export const call = (incident: string, wanted: Wanted, key: string): Promise<Answer<Whistle>> =>
  post(`/api/v1/incidents/${encodeURIComponent(incident)}/whistles`, key, { ...wanted, note: wanted.note.trim() });

export const say = (said: Said, whistle: Whistle, draft: Draft, key: string, photos: readonly string[] = []): Promise<Answer<Whistle>> =>
  post(`${address(whistle.id)}/${FORMS[said].route}`, key, bodyOf(said, draft, whistle.version, photos));

/** Sends those that are not there yet; the ids of all. A retry goes on where it broke off. */
export async function upload(whistle: string, shots: readonly Shot[]): Promise<Answer<string[]>> {
  for (const shot of shots) {
    if (shot.id) continue;
    const body = new FormData();
    body.append("photo", new Blob([shot.bytes], { type: "image/jpeg" }), "1.jpg");
    const answer = await request<{ photo_id: string }>(`${address(whistle)}/photos`, {
      method: "POST",
      headers: { "Idempotency-Key": shot.key },
      body,
      signal: limit(PHOTO_MS),
    });
    if (answer.kind !== "ok") return answer;
    shot.id = answer.value.photo_id;
  }
  return { kind: "ok", value: shots.flatMap(({ id }) => id ?? []) };
}

/** Everything that tells of whistles, and of the incidents they are for. */
export async function reloadWhistles(): Promise<void> {
  await Promise.all([queryClient.invalidateQueries({ queryKey: WHISTLES }), queryClient.invalidateQueries({ queryKey: INCIDENTS })]);
}
