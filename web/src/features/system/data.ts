/** The facts, asked for anew every 5 s while somebody looks (a hidden window asks for nothing). */
import { useQuery } from "@tanstack/vue-query";
import { computed } from "vue";

import { orThrow, request } from "@/api/client";
import { can } from "@/api/session";

import type { Facts, Model } from "./findings";

const FACTS_MS = 5_000;
/** Whether a model's file is whole is not looked at for nothing. */
const MODELS_MS = 60_000;

export interface Told {
  facts: Facts;
  /** How far this computer's clock is ahead of the hub's, seconds. */
  offS: number;
}

/** Half of the time under way is taken off: a slow line is no wrong clock. */
export function offOf(at: string, askedMs: number, gotMs: number): number {
  return ((askedMs + gotMs) / 2 - Date.parse(at)) / 1000;
}

export function useFacts() {
  return useQuery({
    queryKey: ["system", "facts"],
    queryFn: async ({ signal }): Promise<Told> => {
      const asked = Date.now();
      const facts = await orThrow(request<Facts>("/api/v1/system", { signal }));
      return { facts, offS: offOf(facts.at, asked, Date.now()) };
    },
    refetchInterval: FACTS_MS,
    staleTime: FACTS_MS,
  });
}

export function useModels() {
  return useQuery({
    queryKey: ["system", "models"],
    queryFn: async ({ signal }) => (await orThrow(request<{ items: Model[] }>("/api/v1/models", { signal }))).items,
    enabled: computed(() => can("models.read")),
    refetchInterval: MODELS_MS,
    staleTime: MODELS_MS,
  });
}
