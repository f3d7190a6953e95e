/** The saved layouts of a wall: which one is loaded, and what becomes of changes. */
import { computed, ref, shallowRef } from "vue";

import type { Answer, Problem } from "@/api/client";
import { queryClient } from "@/api/queries";
import { can, session } from "@/api/session";

import { createLayout, deleteLayout, updateLayout, useLayouts, type Saved } from "./data";
import { toBody } from "./layouts";
import type { Wall } from "./useWall";

export function useSaved(wall: Wall) {
  const { query, layouts } = useLayouts();
  const id = ref<string | null>(null);
  const problem = shallowRef<Problem | null>(null);
  const current = computed(() => layouts.value.find((each) => each.id === id.value) ?? null);
  const changed = computed(
    () => current.value !== null && JSON.stringify(toBody(current.value.layout)) !== JSON.stringify(toBody(wall.layout.value)),
  );

  async function told(answer: Answer<unknown>): Promise<boolean> {
    problem.value = answer.kind === "error" ? answer.problem : null;
    await queryClient.invalidateQueries({ queryKey: ["layouts"] });
    return answer.kind === "ok";
  }

  return {
    query,
    layouts,
    current,
    changed,
    problem,
    maySave: computed(() => can("layouts.write")),
    maySaveOver: computed(() => current.value !== null && (current.value.mine || session.me?.role === "admin")),
    load(saved: Saved): void {
      id.value = saved.id;
      wall.set(saved.layout);
    },
    /** The problem has been read. */
    forgive: () => void (problem.value = null),
    async save(): Promise<void> {
      if (current.value) await told(await updateLayout(current.value, wall.layout.value));
    },
    /** Whether it was kept. */
    async saveAs(name: string, shared: boolean): Promise<boolean> {
      const answer = await createLayout(name, shared, wall.layout.value);
      await told(answer);
      if (answer.kind === "ok") id.value = answer.value.id;
      return answer.kind === "ok";
    },
    async remove(): Promise<void> {
      if (current.value && (await told(await deleteLayout(current.value.id)))) id.value = null;
    },
  };
}
