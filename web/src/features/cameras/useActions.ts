/** Switching cameras off and on, and taking them out of the register. */
import { useMessage } from "naive-ui";
import { h, ref } from "vue";
import { useI18n } from "vue-i18n";

import type { Problem } from "@/api/client";
import { wordsOf } from "@/ui/problem";

import { deleteCamera, patch, updateCamera } from "./data";
import { changedBody } from "./draft";
import type { Camera } from "./types";

const UNDO_MS = 10_000;

export function useActions() {
  const { t } = useI18n();
  const message = useMessage();
  const removing = ref<Camera | null>(null);

  function refused(problem: Problem): void {
    message.error(wordsOf(problem, t), { duration: 8_000, closable: true });
  }

  /** Shown at once; put back if the hub refuses. */
  async function set(camera: Camera, enabled: boolean): Promise<Camera | null> {
    patch(camera.id, { ...camera, enabled });
    const answer = await updateCamera(changedBody(camera, { enabled }), camera.version);
    if (answer.kind === "ok") {
      const fresh = { ...answer.value, grid_code: answer.value.grid_code ?? camera.grid_code };
      patch(camera.id, fresh);
      return fresh;
    }
    patch(camera.id, camera);
    if (answer.kind === "error") refused(answer.problem);
    return null;
  }

  async function toggle(camera: Camera): Promise<void> {
    const changed = await set(camera, !camera.enabled);
    if (!changed) return;
    const said = t(changed.enabled ? "cameras.enabled" : "cameras.disabled", { name: camera.name });
    const note = message.success(
      () =>
        h("span", [
          said,
          " ",
          h("button", { class: "x-button", type: "button", "data-test": "undo", onClick: () => (note.destroy(), void set(changed, !changed.enabled)) }, t("common.undo")),
        ]),
      { duration: UNDO_MS, keepAliveOnHover: true },
    );
  }

  /** After the question was answered with yes; says whether it is gone. */
  async function remove(camera: Camera): Promise<boolean> {
    removing.value = null;
    const answer = await deleteCamera(camera.id);
    if (answer.kind === "error") refused(answer.problem);
    if (answer.kind !== "ok") return false;
    patch(camera.id, null);
    message.success(t("cameras.removed", { name: camera.name }));
    return true;
  }

  return { toggle, remove, removing, refused };
}
