/** What the page of owners' consents asks the hub for. */
import { useQuery } from "@tanstack/vue-query";
import { computed } from "vue";

import { orThrow, request, send, type Answer } from "@/api/client";
import type { components } from "@/api/schema";
import { queryClient } from "@/api/queries";
import { can } from "@/api/session";

export type Owner = components["schemas"]["OwnerOut"];
export type Consent = components["schemas"]["ConsentOut"];
export type ConsentIn = components["schemas"]["ConsentIn"];
export type Mode = components["schemas"]["Mode"];

interface Page<T> {
  items: T[];
  next?: string | null;
}

const LIMIT = 500;

/** All pages of a list, one after the other. */
async function all<T>(path: string, signal: AbortSignal): Promise<T[]> {
  const items: T[] = [];
  for (let after = ""; ; ) {
    const page = await orThrow(request<Page<T>>(`${path}limit=${LIMIT}&after=${encodeURIComponent(after)}`, { signal }));
    items.push(...page.items);
    if (!page.next) return items;
    after = page.next;
  }
}

export function useOwners() {
  return useQuery({ queryKey: ["consents", "owners"], queryFn: ({ signal }) => all<Owner>("/api/v1/owners?", signal), refetchInterval: 60_000 });
}

/** All that was ever put on file of an owner, newest first. */
export function useConsents(owner: () => string) {
  return useQuery({
    queryKey: computed(() => ["consents", "of", owner()]),
    queryFn: ({ signal }) => all<Consent>(`/api/v1/consents?owner=${encodeURIComponent(owner())}&`, signal),
  });
}

/** The cameras of an owner, where who asks may see the register. */
export function useCamerasOf(owner: () => string) {
  const query = useQuery({
    queryKey: ["cameras", "owned"],
    queryFn: ({ signal }) => all<{ id: string; name: string; owner: string }>("/api/v1/cameras?", signal),
    staleTime: 120_000,
    enabled: computed(() => can("cameras.read")),
  });
  return computed(() => (query.data.value ?? []).filter((camera) => camera.owner === owner()));
}

export const reload = (): Promise<void> => queryClient.invalidateQueries({ queryKey: ["consents"] });

export const record = (consent: ConsentIn): Promise<Answer<Consent>> => send("POST", "/api/v1/consents", consent);

export const end = (id: string): Promise<Answer<Consent>> => send("POST", `/api/v1/consents/${encodeURIComponent(id)}/end`);
