import { computed, type Ref } from "vue";
import { useI18n } from "vue-i18n";

import type { Problem } from "@/api/client";
import { wordsOf } from "@/ui/problem";

/** Why there is no picture, in words; empty while there is one. */
export function useStillWords(problem: Readonly<Ref<Problem | null>>) {
  const { t, te } = useI18n();
  return computed(() => {
    const said = problem.value;
    if (!said) return "";
    const key = `cameras.picture.why.${said.code}`;
    if (te(key)) return t(key);
    return said.status >= 500 ? t("cameras.picture.none") : wordsOf(said, t);
  });
}
