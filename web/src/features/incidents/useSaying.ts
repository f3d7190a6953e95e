/** Saying verbs from a page: at once or through a dialogue, and what became of it in words. */
import { useMessage } from "naive-ui";
import { ref, shallowRef } from "vue";
import { useI18n } from "vue-i18n";

import type { Problem } from "@/api/client";
import { freshKey } from "@/features/tasks/key";

import { lookAgain, reloadIncidents, say } from "./data";
import type { Detail, Verb } from "./types";
import { atOnce, FORMS, freshDraft, type Draft } from "./verbs";
import { useWords } from "./words";

/** What the dialogue is open for. */
export interface Asking {
  verb: Verb;
  detail: Detail;
}

export function useSaying() {
  const { t } = useI18n();
  const words = useWords();
  const message = useMessage();
  const asking = shallowRef<Asking | null>(null);
  /** The verb that is under way. */
  const busy = ref<Verb | null>(null);
  /** One for each press of a button: a repeat of what was lost on the way is not said twice. */
  let key = "";

  function press(verb: Verb, detail: Detail): void {
    if (busy.value) return;
    key = freshKey();
    if (atOnce(verb)) void outright({ verb, detail });
    else asking.value = { verb, detail };
  }

  async function outright(it: Asking): Promise<void> {
    const problem = await send(it, freshDraft(it.detail));
    if (problem) message.error(words.problem(problem), { duration: 8_000, closable: true });
  }

  /** Null when it was said, else why not. */
  async function send(it: Asking, draft: Draft, photos: readonly ArrayBuffer[] = []): Promise<Problem | null> {
    const { verb, detail } = it;
    busy.value = verb;
    const answer = await say(verb, detail, draft, key, photos);
    busy.value = null;
    if (answer.kind === "error") {
      if (answer.problem.status === 409 || answer.problem.status === 404) await renew(it);
      return answer.problem;
    }
    if (answer.kind === "aborted") return { status: 0, code: "unreachable", title: "", detail: "", errors: [] };
    asking.value = null;
    message.success(t(FORMS[verb]?.asks ? "incident.askedFor" : "incident.done", { verb: t(`incidents.verb.${verb}`) }));
    await reloadIncidents();
    return null;
  }

  /** Somebody was faster: what is shown, and what a second try goes out from, is as it is now. */
  async function renew({ verb, detail }: Asking): Promise<void> {
    void reloadIncidents();
    const fresh = await lookAgain(detail.id).catch(() => null);
    if (fresh && asking.value) asking.value = { verb, detail: fresh };
  }

  return { asking, busy, press, send, close: () => (asking.value = null) };
}

export type Saying = ReturnType<typeof useSaying>;
