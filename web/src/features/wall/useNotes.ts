/** The troubles of a wall's queries: each is told until there is an answer, or it was put away. */
import { computed, ref } from "vue";

import type { Note } from "./WallNotes.vue";

/** As much of a query of vue-query as is looked at. */
interface Asked {
  data: { value: unknown };
  error: { value: unknown };
  refetch: () => unknown;
}

export function useNotes(queries: Partial<Record<Note["what"], Asked>>) {
  const closed = ref<readonly Note["what"][]>([]);
  const notes = computed(() =>
    Object.entries(queries).flatMap(([key, { data, error, refetch }]): Note[] => {
      const what = key as Note["what"];
      // What was answered once is good for a while; only its absence is worth a word.
      const told = error.value !== null && data.value === undefined && !closed.value.includes(what);
      return told ? [{ what, error: error.value, retry: () => refetch() }] : [];
    }),
  );
  return { notes, close: (what: Note["what"]) => void (closed.value = [...closed.value, what]) };
}
