/** What the page of the grids asks the hub for. */
import { useQuery } from "@tanstack/vue-query";
import { computed } from "vue";

import { orThrow, request, send, type Answer } from "@/api/client";
import type { components } from "@/api/schema";
import { queryClient, useInvalidation } from "@/api/queries";

export type Version = components["schemas"]["GridVersionOut"];
export type VersionDetail = components["schemas"]["GridVersionDetail"];
export type Preview = components["schemas"]["GridPreviewOut"];
export type Report = components["schemas"]["GridImportOut"];
export type Change = components["schemas"]["GridChangeOut"];
export type Fault = components["schemas"]["GridFaultOut"];
export type Stakes = components["schemas"]["GridStakesOut"];
export type Move = components["schemas"]["GridMoveOut"];

const HEADERS = { "Content-Type": "application/geo+json" };

export function useVersions() {
  useInvalidation("grid", ["grids"], 1_000);
  return useQuery({
    queryKey: ["grids", "versions"],
    queryFn: async ({ signal }) => (await orThrow(request<{ items: Version[] }>("/api/v1/grids/versions", { signal }))).items,
  });
}

/** One version with what it changed; `no` null: none is asked for. */
export function useVersion(no: () => number | null) {
  return useQuery({
    queryKey: computed(() => ["grids", "versions", no()]),
    queryFn: ({ signal }) => orThrow(request<VersionDetail>(`/api/v1/grids/versions/${no()}`, { signal })),
    enabled: computed(() => no() !== null),
    // A county's outlines are not made into proxies one by one.
    shallow: true,
  });
}

export interface Terms {
  /** Grids made here that the file leaves out end. */
  missing: "stay" | "end";
  /** Only below this grid; empty for everywhere. */
  under: string;
}

export interface Decision extends Terms {
  seen: string;
  why: string;
  exception: string;
  /** A moment as the hub reads it, null for at once. */
  validFrom: string | null;
}

function queryOf(given: Record<string, string | null>): string {
  const said = Object.entries(given).filter((pair): pair is [string, string] => Boolean(pair[1]));
  return new URLSearchParams(said).toString();
}

export function preview(body: string, { missing, under }: Terms, signal?: AbortSignal): Promise<Answer<Preview>> {
  return request(`/api/v1/grids/preview?${queryOf({ missing, under })}`, { method: "POST", headers: HEADERS, body, signal: signal ?? null });
}

export function bring(body: string, { missing, under, seen, why, exception, validFrom }: Decision): Promise<Answer<Report>> {
  const query = queryOf({ missing, under, seen, why, exception, valid_from: validFrom });
  return request(`/api/v1/grids/import?${query}`, { method: "POST", headers: HEADERS, body });
}

export const withdraw = (no: number): Promise<Answer<Version>> => send("POST", `/api/v1/grids/versions/${no}/withdraw`);

export const reload = (): Promise<void> => queryClient.invalidateQueries({ queryKey: ["grids"] });
