/** What is said of a whistle in the reader's language. */
import { useI18n } from "vue-i18n";

import type { Problem } from "@/api/client";
import { useWords as useCaseWords } from "@/features/incidents/words";

import type { Clock } from "./clock";
import type { Whistle } from "./types";

export function useWords() {
  const { t, te } = useI18n();
  const cases = useCaseWords();

  const clock = ({ step, leftMs }: Clock): string => t(`whistles.clock.${step}.${leftMs < 0 ? "over" : "left"}`, { time: cases.span(Math.abs(leftMs)) });
  const reason = (code: string): string => (te(`whistles.reason.${code}`) ? t(`whistles.reason.${code}`) : cases.reason(code));
  /** Why it was refused or sent back, and what was said with it. */
  const answer = ({ reason: code, answer: note }: Pick<Whistle, "reason" | "answer">): string => [code && reason(code), note].filter(Boolean).join(": ");
  const where = ({ grid_names, grid_code }: Pick<Whistle, "grid_names" | "grid_code">): string => grid_names.slice(-2).join(" › ") || (grid_code ?? t("incidents.unbound"));

  function problem(it: Problem): string {
    const [, found] = /^whistle_is_(\w+)$/.exec(it.code) ?? [];
    return found && te(`whistles.state.${found}`) ? t("whistles.movedOn", { state: t(`whistles.state.${found}`) }) : cases.problem(it);
  }

  return { title: cases.title, clock, reason, answer, where, problem };
}
