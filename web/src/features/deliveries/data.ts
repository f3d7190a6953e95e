/** What the pages of notices ask the hub for, and how they tell it something. */
import { useInfiniteQuery, useQuery } from "@tanstack/vue-query";
import { computed } from "vue";

import { orThrow, request, send, type Answer } from "@/api/client";
import { queryClient } from "@/api/queries";
import { can } from "@/api/session";

import type { Channels, Delivery, MajorClass, Notices, State, Telling, Try } from "./types";

export const NOTICES = ["notices"] as const;
export const DELIVERIES = ["deliveries"] as const;
const PAGE = 100;

interface Page<T> {
  items: T[];
  next?: string | null;
}

const get = <T>(path: string, signal: AbortSignal): Promise<T> => orThrow(request<T>(path, { signal }));
const after = (cursor: string): string => cursor && `&after=${encodeURIComponent(cursor)}`;

export function useNotices(openOnly: () => boolean) {
  const query = useInfiniteQuery({
    queryKey: computed(() => [...NOTICES, "mine", openOnly()]),
    queryFn: ({ pageParam, signal }) => get<Notices>(`/api/v1/notices?open=${openOnly()}&limit=${PAGE}${after(pageParam)}`, signal),
    initialPageParam: "",
    getNextPageParam: ({ next }: Notices) => next ?? undefined,
  });
  return { query, items: computed(() => query.data.value?.pages.flatMap(({ items }) => items) ?? []) };
}

/** How many of mine nobody has read. */
export function useUnread() {
  const query = useQuery({
    queryKey: [...NOTICES, "unread"],
    queryFn: async ({ signal }) => (await get<Notices>("/api/v1/notices?open=true&limit=1", signal)).unread,
    enabled: computed(() => can("self.channels")),
    refetchInterval: 60_000,
  });
  return computed(() => query.data.value ?? 0);
}

export async function acknowledge(keys: readonly string[]): Promise<Answer<unknown>> {
  const answer = await send<unknown>("POST", "/api/v1/notices/acknowledge", { keys });
  if (answer.kind === "ok") await queryClient.invalidateQueries({ queryKey: NOTICES });
  return answer;
}

export function useChannels() {
  return useQuery({ queryKey: [...NOTICES, "channels"], queryFn: ({ signal }) => get<Channels>("/api/v1/me/channels", signal), gcTime: 0 });
}

export const saveChannels = (given: Channels): Promise<Answer<Channels>> => send<Channels>("PUT", "/api/v1/me/channels", given);

export function useDeliveries(state: () => State | null) {
  const query = useInfiniteQuery({
    queryKey: computed(() => [...DELIVERIES, "list", state()]),
    queryFn: ({ pageParam, signal }) => get<Page<Delivery>>(`/api/v1/deliveries?limit=${PAGE}${state() ? `&state=${state()}` : ""}${after(pageParam)}`, signal),
    initialPageParam: "",
    getNextPageParam: ({ next }: Page<Delivery>) => next ?? undefined,
    refetchInterval: 15_000,
  });
  return { query, items: computed(() => query.data.value?.pages.flatMap(({ items }) => items) ?? []) };
}

export function useTries(id: () => string) {
  return useQuery({
    queryKey: computed(() => [...DELIVERIES, "tries", id()]),
    queryFn: async ({ signal }) => (await get<Page<Try>>(`/api/v1/deliveries/${encodeURIComponent(id())}/tries`, signal)).items,
  });
}

export async function retry(id: string): Promise<Answer<Delivery>> {
  const answer = await send<Delivery>("POST", `/api/v1/deliveries/${encodeURIComponent(id)}/retry`);
  await queryClient.invalidateQueries({ queryKey: DELIVERIES });
  return answer;
}

/** Why an incident is where it is, and who was told; kept with its other parts. */
export function useTelling(incident: () => string) {
  return useQuery({
    queryKey: computed(() => ["incidents", "telling", incident()]),
    queryFn: ({ signal }) => get<Telling>(`/api/v1/incidents/${encodeURIComponent(incident())}/telling`, signal),
  });
}

export function useClasses() {
  const query = useQuery({
    queryKey: ["classes"],
    queryFn: async ({ signal }) => (await get<Page<MajorClass>>("/api/v1/classes", signal)).items,
    staleTime: 600_000,
    enabled: computed(() => can("classes.read")),
  });
  return computed<readonly MajorClass[]>(() => query.data.value ?? []);
}

export function classify(incident: string, body: { class_code: string; reason: string; version: number }, key: string): Promise<Answer<unknown>> {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
  return request(`/api/v1/incidents/${encodeURIComponent(incident)}/classify`, { method: "POST", headers, body: JSON.stringify(body) });
}
