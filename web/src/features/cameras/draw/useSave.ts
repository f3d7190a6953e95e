/** From the drawing to the register: new rules first, then the camera that uses them. */
import { ref } from "vue";

import type { Problem } from "@/api/client";

import { createRule, patch, readCamera, updateCamera } from "../data";
import { changedBody } from "../draft";
import type { Camera, RuleEntry } from "../types";
import type { Shapes } from "./editor";
import { specOf, unwritten, type RuleDraft } from "./newrule";

export function useSave(before: Camera) {
  /** The registration this drawing began with, or was last saved as. */
  const base = ref(before);
  const problem = ref<Problem | null>(null);
  const busy = ref(false);
  const written = new Set<string>();

  async function writeRules(shapes: Shapes, drafts: readonly RuleDraft[], rules: readonly RuleEntry[]): Promise<boolean> {
    const known = [...rules.map((each) => each.rule.id), ...written];
    for (const draft of unwritten(shapes.rules, drafts, known)) {
      const answer = await createRule(specOf(draft));
      if (answer.kind === "error") problem.value = answer.problem;
      if (answer.kind !== "ok") return false;
      written.add(draft.id);
    }
    return true;
  }

  async function save(shapes: Shapes, drafts: readonly RuleDraft[], rules: readonly RuleEntry[]): Promise<Camera | null> {
    busy.value = true;
    problem.value = null;
    const fresh = (await writeRules(shapes, drafts, rules)) ? await writeCamera(shapes) : null;
    busy.value = false;
    return fresh;
  }

  async function writeCamera(shapes: Shapes): Promise<Camera | null> {
    const { zones, lines, masks, rules, ground } = shapes;
    const body = changedBody(base.value, {
      ...{ zones: [...zones], lines: [...lines], masks: [...masks], rules: [...rules] },
      view: { ...base.value.view, ground_points: [...ground] },
    });
    const answer = await updateCamera(body, base.value.version);
    if (answer.kind === "error") problem.value = answer.problem;
    if (answer.kind !== "ok") return null;
    base.value = { ...answer.value, grid_code: answer.value.grid_code ?? base.value.grid_code };
    patch(base.value.id, base.value);
    return base.value;
  }

  /** Go on from the version that another one left; null where it cannot be read. */
  async function rebase(): Promise<Camera | null> {
    busy.value = true;
    const answer = await readCamera(base.value.id);
    busy.value = false;
    problem.value = answer.kind === "error" ? answer.problem : null;
    if (answer.kind !== "ok") return null;
    patch(answer.value.id, answer.value);
    return (base.value = answer.value);
  }

  return { save, rebase, problem, busy, base };
}
