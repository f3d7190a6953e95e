/** Saying a word about a whistle: once for each press, and why not in words. */
import { ref } from "vue";
import { useI18n } from "vue-i18n";

import { useWords } from "./words";
import type { Answer, Problem } from "@/api/client";
import type { Shot } from "@/features/incidents/shots";
import { freshKey } from "@/features/tasks/key";

import { reloadWhistles, say, upload } from "./data";
import { FORMS, type Draft } from "./saying";
import type { Said, Whistle } from "./types";

const LOST: Problem = { status: 0, code: "unreachable", title: "", detail: "", errors: [] };

export function useSaying() {
  const { t } = useI18n();
  const words = useWords();
  /** The word that is under way. */
  const busy = ref<Said | null>(null);
  const wrong = ref("");
  const done = ref("");
  /** A repeat of what was lost on the way is not said twice; other words have a key of their own. */
  let last = { what: "", key: "" };

  function keyOf(what: string): string {
    if (last.what !== what) last = { what, key: freshKey() };
    return last.key;
  }

  /** Whether it was said. */
  async function send(said: Said, whistle: Whistle, draft: Draft, shots: readonly Shot[] = []): Promise<boolean> {
    if (busy.value) return false;
    busy.value = said;
    wrong.value = done.value = "";
    const answer = await sent(said, whistle, draft, shots);
    busy.value = null;
    if (answer.kind !== "ok") wrong.value = words.problem(answer.kind === "error" ? answer.problem : LOST);
    else done.value = t("whistles.done", { verb: t(`whistles.verb.${said}`) });
    if (answer.kind === "ok" || (answer.kind === "error" && [404, 409].includes(answer.problem.status))) await reloadWhistles();
    return answer.kind === "ok";
  }

  async function sent(said: Said, whistle: Whistle, draft: Draft, shots: readonly Shot[]): Promise<Answer<unknown>> {
    const photos = FORMS[said].photos ? await upload(whistle.id, shots) : { kind: "ok" as const, value: [] };
    if (photos.kind !== "ok") return photos;
    return say(said, whistle, draft, keyOf(JSON.stringify([said, whistle.id, whistle.version, draft, photos.value])), photos.value);
  }

  return { busy, wrong, done, send };
}
