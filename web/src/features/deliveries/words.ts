/** What is said of notices in the reader's language. */
import { useI18n } from "vue-i18n";

import type { MajorClass, Notice, Reason } from "./types";

/** Where a notice leads, null where it has no page of its own. Pure. */
export function pageOf(about: string): { name: string; params: Record<string, string> } | null {
  const [kind = "", id = ""] = about.split("/");
  if (kind === "incident") return { name: "incident", params: { id } };
  if (kind === "whistle") return { name: "whistle", params: { id } };
  return kind === "alert" ? { name: "alerts", params: { id } } : null;
}

export const minuteText = (minute: number | null): string =>
  minute === null ? "" : `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

export function minuteOf(text: string): number | null {
  const [, hours, minutes] = /^(\d{2}):(\d{2})$/.exec(text) ?? [];
  return hours && minutes ? Number(hours) * 60 + Number(minutes) : null;
}

export function useWords() {
  const { t, te, locale } = useI18n();
  const known = (path: string, word: string): string => (te(`deliveries.${path}.${word}`) ? t(`deliveries.${path}.${word}`) : word);

  const kind = (word: string): string => known("kind", word);
  const error = (word: string | null): string => (word ? known("error", word) : "");
  const why = (word: string): string => known("why", word);

  function className(code: string | null, classes: readonly MajorClass[]): string {
    const found = classes.flatMap(({ minor }) => minor).find((each) => each.code === code);
    if (!code || !found) return code ?? "";
    return `${code} ${locale.value === "zh" ? found.name : found.name_en}`;
  }

  /** What happened, of which class, where. */
  function head(notice: Notice, classes: readonly MajorClass[]): string {
    const parts = [notice.grid_name ?? notice.grid_code, className(notice.class_code, classes), kind(notice.kind)];
    return parts.filter(Boolean).join(" · ");
  }

  /** One reason of the way, in words. `me` is told in the second person. */
  function reason(line: Reason, me: string): string {
    const at = (name: string): string => line[name] ?? "";
    const grid = at("grid") || t("deliveries.way.noGrid");
    switch (line.code) {
      case "centre":
        return t("deliveries.way.centre", { name: at("name"), why: known("centreWhy", at("why")), grid });
      case "class":
        return t("deliveries.way.class", { code: at("class"), name: locale.value === "zh" ? at("name") : at("name_en") });
      case "on_duty": {
        const who = at("name") === me ? t("deliveries.way.you") : at("name");
        const told = t("deliveries.way.onDuty", { who, grid, why: why(at("why")) });
        return at("alone") === "yes" ? told + t("deliveries.way.alone") : told;
      }
      case "nobody_on_duty":
        return t("deliveries.way.nobody", { grid });
      case "department":
        return t(`deliveries.way.department.${at("how") === "auto" ? "auto" : "propose"}`, { unit: at("unit") });
      default:
        return at("code");
    }
  }

  return { kind, error, why, className, head, reason };
}
