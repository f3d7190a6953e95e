import type { Problem } from "@/api/client";
import { i18n } from "@/i18n";

type Translate = (key: string, named: Record<string, unknown>) => string;

/** A problem in the reader's language; the hub's own sentence only where it says more. */
export function wordsOf(problem: Problem, t: Translate): string {
  const { status, detail, title } = problem;
  const known = `problem.${problem.code}`;
  if (i18n.global.te(known)) return t(known, {});
  if (status === 0) return t("common.error.unreachable", {});
  if (status >= 500) return t("common.error.server", {});
  if (status === 401 || status === 403) return t("common.error.forbidden", {});
  if (status === 429) return t("common.error.busy", { n: problem.retryAfterS ?? 1 });
  if (status === 404) return t("common.error.notFound", {});
  if (status === 409 && !detail) return t("common.error.conflict", {});
  return t("common.error.refused", { detail: detail || title });
}
