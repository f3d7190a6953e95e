/** The live board: what the hub tells, kept still in the column somebody works in. */
import { keepPreviousData, useQuery } from "@tanstack/vue-query";
import { computed, ref, shallowRef, watch, type Ref } from "vue";

import { orThrow, request } from "@/api/client";
import { useInvalidation } from "@/api/queries";
import type { components } from "@/api/schema";
import { INCIDENTS } from "@/features/incidents/data";
import type { Incident, State } from "@/features/incidents/types";

import { held, narrow, NOTHING, settled, wanted, type Filters, type Shown } from "./order";

type BoardOut = components["schemas"]["BoardOut"];

export interface Column {
  id: string;
  count: number;
  counts: readonly (readonly [State, number])[];
  shown: Shown;
  /** How many the hub told of, before the filter. */
  told: number;
}

const FEW = 30;
const MANY = 100;

export function useBoard(filters: Ref<Filters>, working: Ref<string | null>) {
  const many = ref(false);
  const first = computed(() => (many.value || narrow(filters.value) ? MANY : FEW));
  const query = useQuery({
    queryKey: computed(() => [...INCIDENTS, "board", filters.value.grid, first.value]),
    queryFn: ({ signal }) => {
      const grid = filters.value.grid === null ? "" : `&grid=${encodeURIComponent(filters.value.grid)}`;
      return orThrow(request<BoardOut>(`/api/v1/incidents/board?first=${first.value}${grid}`, { signal }));
    },
    placeholderData: keepPreviousData,
  });
  for (const topic of ["incident", "task"]) useInvalidation(topic, [...INCIDENTS, "board"]);
  useInvalidation("incident", [...INCIDENTS, "approvals"]);

  const shown = shallowRef<Readonly<Record<string, Shown>>>({});

  function lay(all: boolean): void {
    const board = query.data.value;
    if (!board) return;
    const fits = (each: Incident): boolean => wanted(filters.value, each);
    const everywhere = new Map(board.columns.flatMap(({ first: rows }) => rows).map((each) => [each.id, each as Incident]));
    shown.value = Object.fromEntries(
      board.columns.map(({ id, first: rows }) => {
        const fresh = (rows as readonly Incident[]).filter(fits);
        const before = shown.value[id];
        return [id, before && !all && working.value === id ? held(before, fresh, everywhere) : settled(fresh)];
      }),
    );
  }

  watch(() => query.data.value, () => lay(false), { immediate: true });
  watch(working, () => lay(false));
  watch(filters, () => lay(true));

  const columns = computed<readonly Column[]>(() =>
    (query.data.value?.columns ?? []).map(({ id, count, counts, first: rows }) => ({
      id,
      count,
      counts: (Object.entries(counts) as [State, number][]).filter(([, n]) => n > 0),
      shown: shown.value[id] ?? NOTHING,
      told: rows.length,
    })),
  );
  return { query, columns, many, release: () => lay(true) };
}
