/** The saved layouts of a wall: which one is loaded, and what becomes of changes. */
import { computed, shallowRef } from "vue";

import type { Answer, Problem } from "@/api/client";
import { queryClient } from "@/api/queries";
import { acts, can } from "@/api/session";

import { createLayout, deleteLayout, updateLayout, useLayouts, type Saved } from "./data";
import { toBody } from "./layouts";
import type { Wall } from "./useWall";

export function useSaved(wall: Wall) {
  const { query, layouts } = useLayouts();
  /** The one on the wall, at the version that was put there: what others save meanwhile is not saved over. */
  const base = shallowRef<{ id: string; version: number } | null>(null);
  const problem = shallowRef<Problem | null>(null);
  const current = computed(() => layouts.value.find((each) => each.id === base.value?.id) ?? null);
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
    maySaveOver: computed(() => current.value !== null && (current.value.mine || acts("admin"))),
    load(saved: Saved): void {
      base.value = saved;
      wall.set(saved.layout);
    },
    /** The problem has been read. */
    forgive: () => void (problem.value = null),
    async save(): Promise<void> {
      const was = base.value;
      if (!current.value || !was) return;
      const answer = await updateLayout({ ...current.value, version: was.version }, wall.layout.value);
      if (base.value === was) {
        if (answer.kind === "ok") base.value = answer.value;
        // What is on the wall can be saved under another name, or theirs be loaded.
        else if (answer.kind === "error" && answer.problem.code === "stale_version") base.value = null;
      }
      await told(answer);
    },
    /** Whether it was kept. */
    async saveAs(name: string, shared: boolean): Promise<boolean> {
      const answer = await createLayout(name, shared, wall.layout.value);
      await told(answer);
      if (answer.kind === "ok") base.value = answer.value;
      return answer.kind === "ok";
    },
    async remove(): Promise<void> {
      if (current.value && (await told(await deleteLayout(current.value.id)))) base.value = null;
    },
  };
}
