/** The mutes in force: who answers for them, and the end before their time. */
import { useQuery } from "@tanstack/vue-query";
import { computed, ref, shallowRef } from "vue";

import { ask, hub, orThrow, type Problem } from "@/api/client";
import { queryClient, useInvalidation } from "@/api/queries";
import type { components } from "@/api/schema";
import { can } from "@/api/session";
import { useNow } from "@/ui/time";

export type Mute = components["schemas"]["MuteOut"];

const KEY = ["mutes", "in force"] as const;

export function useMutes() {
  const now = useNow();
  const query = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => orThrow(ask(hub.GET("/api/v1/mutes", { params: { query: { in_force: true } }, signal }))),
    enabled: computed(() => can("mutes.read")),
  });
  useInvalidation("mute", KEY);
  /** The one that is being ended, and why another was not. */
  const ending = ref<string | null>(null);
  const refused = shallowRef<Problem | null>(null);

  async function end(id: string): Promise<void> {
    if (ending.value) return;
    ending.value = id;
    const answer = await ask(hub.DELETE("/api/v1/mutes/{mute_id}", { params: { path: { mute_id: id } } }));
    refused.value = answer.kind === "error" ? answer.problem : null;
    await queryClient.invalidateQueries({ queryKey: KEY });
    ending.value = null;
  }

  // Nobody announces that a mute has run out.
  const all = computed<Mute[]>(() => (query.data.value?.items ?? []).filter(({ ends_at }) => Date.parse(ends_at) > now.value));
  const problem = computed(() => refused.value ?? query.error.value);

  /** The refusal has been read. */
  function forgive(): void {
    refused.value = null;
  }

  function retry(): void {
    forgive();
    void query.refetch();
  }

  return { all, problem, ending, end, retry, forgive };
}
