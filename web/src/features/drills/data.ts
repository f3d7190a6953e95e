/** What the page of roll calls asks the hub for, and tells it. */
import { useQuery } from "@tanstack/vue-query";
import { computed, type Ref } from "vue";

import { orThrow, request, send, type Answer } from "@/api/client";
import type { components } from "@/api/schema";
import { queryClient } from "@/api/queries";

type Schemas = components["schemas"];
export type Drill = Schemas["DrillOut"];
export type Plan = Schemas["DrillPlanOut"];
export type Item = Schemas["DrillItemOut"];
export type Said = Schemas["DrillAnswerIn"];
export type Kind = Item["kind"];
type Checklist = Schemas["ChecklistOut"];

const DRILLS = ["drills"] as const;
const BASE = "/api/v1/drills";
/** Several people answer at the same time. */
const LOOK_MS = 5_000;

const get = <T>(path: string, signal: AbortSignal): Promise<T> => orThrow(request<T>(`${BASE}${path}`, { signal }));
const one = (id: string): string => `/${encodeURIComponent(id)}`;

export const reloadDrills = (): Promise<void> => queryClient.invalidateQueries({ queryKey: DRILLS });

export const useDrills = () => useQuery({ queryKey: [...DRILLS, "list"], queryFn: async ({ signal }) => (await get<{ items: Drill[] }>("", signal)).items, refetchInterval: 15_000 });

export const usePlans = () => useQuery({ queryKey: [...DRILLS, "plans"], queryFn: ({ signal }) => get<Plan[]>("/plans", signal) });

export const useChecklists = () => useQuery({ queryKey: [...DRILLS, "checklists"], queryFn: ({ signal }) => get<Checklist[]>("/checklists", signal), staleTime: Infinity });

/** One roll call with what is called in it; looked at again and again while it goes on. */
export function useDrill(id: Ref<string | null>) {
  const on = computed(() => id.value !== null);
  const drill = useQuery({
    queryKey: computed(() => [...DRILLS, "one", id.value]),
    queryFn: ({ signal }) => get<Drill>(one(id.value ?? ""), signal),
    enabled: on,
    refetchInterval: LOOK_MS,
  });
  const going = computed(() => drill.data.value?.state === "called");
  const items = useQuery({
    queryKey: computed(() => [...DRILLS, "items", id.value]),
    queryFn: ({ signal }) => get<Item[]>(`${one(id.value ?? "")}/items`, signal),
    enabled: on,
    refetchInterval: computed(() => (going.value ? LOOK_MS : false)),
  });
  return { drill, items, going };
}

export interface Place {
  title: string;
  grid: string | null;
}

export const callDrill = (place: Place, lasts_s: number): Promise<Answer<Drill>> => send("POST", BASE, { ...place, lasts_s });

export const planDrill = (place: Place, weekly: Pick<Plan, "weekday" | "minute" | "lasts_s">): Promise<Answer<Plan>> => send("POST", `${BASE}/plans`, { ...place, weekly });

export const endPlan = (id: string): Promise<Answer<undefined>> => send("DELETE", `${BASE}/plans${one(id)}`);

export const sayOf = (id: string, said: Said): Promise<Answer<Item>> => send("POST", `${BASE}${one(id)}/answers`, said);

export const finishDrill = (id: string): Promise<Answer<Drill>> => send("POST", `${BASE}${one(id)}/finish`);

export const exportOf = (id: string): string => `${BASE}${one(id)}/export`;
