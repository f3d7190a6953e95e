/** What the page of indicators asks the hub for. */
import { keepPreviousData, useQuery } from "@tanstack/vue-query";
import { computed, type Ref } from "vue";

import { orThrow, request } from "@/api/client";
import type { components } from "@/api/schema";

import { queryOf, type Asked } from "./figures";

type Schemas = components["schemas"];
export type Indicator = Schemas["IndicatorOut"];
export type Figure = Schemas["FigureOut"];
export type Sheet = Schemas["FigureSheetOut"];
export type Figures = Schemas["FiguresOut"];
export type Rank = Schemas["RankOut"];
export type Part = Schemas["PartOut"];
export type Department = Schemas["DepartmentFiguresOut"];
export type Weekly = Schemas["WeeklyOut"];
type Hours = Schemas["HoursOut"];

const BASE = "/api/v1/indicators";
/** Figures are some seconds old anyway. */
const FRESH_MS = 60_000;

const get = <T>(path: string, signal: AbortSignal): Promise<T> => orThrow(request<T>(`${BASE}${path}`, { signal }));

/** `enabled`: what somebody may not read, or has no ground for, is not asked for. */
function asking<T>(name: string, path: () => string, enabled: () => boolean = () => true) {
  return useQuery({
    queryKey: computed(() => ["indicators", name, path()]),
    queryFn: ({ signal }) => get<T>(path(), signal),
    enabled: computed(enabled),
    staleTime: FRESH_MS,
    placeholderData: keepPreviousData,
  });
}

export function useCatalog() {
  return useQuery({ queryKey: ["indicators", "catalog"], queryFn: ({ signal }) => get<Indicator[]>("/catalog", signal), staleTime: Infinity });
}

export const useFigures = (asked: Ref<Asked>, enabled: Ref<boolean>) => asking<Figures>("figures", () => `?${queryOf(asked.value)}`, () => enabled.value);

export const useLeague = (asked: Ref<Asked>, by: Ref<string>, enabled: Ref<boolean>) => asking<Rank[]>("league", () => `/league?${queryOf(asked.value, { by: by.value })}`, () => enabled.value);

export const useSeries = (asked: Ref<Asked>, step: Ref<string>, enabled: Ref<boolean>) => asking<Part[]>("series", () => `/series?${queryOf(asked.value, { step: step.value })}`, () => enabled.value);

export const useHours = (asked: Ref<Asked>, enabled: Ref<boolean>) => asking<Hours>("hours", () => `/hours?${queryOf(asked.value)}`, () => enabled.value);

export const useDepartments = (asked: Ref<Asked>, enabled: Ref<boolean>) => asking<Department[]>("departments", () => `/departments?${queryOf(asked.value)}`, () => enabled.value);

export const useWeekly = (grid: Ref<string | null>, day: Ref<string>) =>
  asking<Weekly>("weekly", () => `/weekly?${new URLSearchParams({ day: day.value, ...(grid.value === null ? {} : { grid: grid.value }) })}`);

/** Where a file of the figures is fetched; the register notes it. */
export const exportAddress = (asked: Asked, by: string, format: "csv" | "xlsx", table: "figures" | "departments"): string => `${BASE}/export?${queryOf(asked, { by, format, table })}`;
