/** A rule tried on the last minutes of a camera. Only the answer to the newest question is shown. */
import { ref } from "vue";

import type { Problem } from "@/api/client";

import { tryRule } from "../data";
import type { Line, Rule, Trial, Zone } from "../types";

export const MINUTES = 5;

export function useTrial() {
  const trial = ref<{ name: string; result: Trial } | null>(null);
  const problem = ref<Problem | null>(null);
  const busy = ref(false);
  let newest = 0;

  /** What was found or is on its way belongs to another question. */
  function forget(): void {
    newest += 1;
    trial.value = null;
    problem.value = null;
    busy.value = false;
  }

  async function attempt(rule: Rule, camera: string, place: { zone?: Zone; line?: Line }): Promise<void> {
    const mine = ++newest;
    busy.value = true;
    problem.value = null;
    const answer = await tryRule(rule, camera, place, MINUTES);
    if (mine !== newest) return;
    busy.value = false;
    trial.value = answer.kind === "ok" ? { name: rule.name || rule.id, result: answer.value } : null;
    if (answer.kind === "error") problem.value = answer.problem;
  }

  return { trial, problem, busy, attempt, forget };
}
