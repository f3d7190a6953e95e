/** What people call the sources, rules and grids of a list; asked for once, not per row. */
import { useQuery } from "@tanstack/vue-query";
import { computed } from "vue";
import { useI18n } from "vue-i18n";

import { ask, hub, orThrow } from "@/api/client";
import { useInvalidation } from "@/api/queries";

import { judgeBy, type Alert, type Severity, type Span } from "./alert";

export interface Names {
  source: (id: string) => string;
  rule: (alert: Pick<Alert, "rule_id" | "rule_kind">) => string;
  /** A rule without an alert of it: by its id where it is gone. */
  ruleOf: (id: string) => string;
  grid: (code: string | null) => string;
  /** All grids by name, for the filter. */
  grids: readonly [string, string][];
  /** By when somebody should have judged, ms since 1970, by the clock and the work calendar of the hub; null until it has said. */
  judgeBy: (alert: Pick<Alert, "raised_at" | "severity">) => number | null;
}

export function useNames() {
  const { t } = useI18n();
  const query = useQuery({
    queryKey: ["names"],
    queryFn: ({ signal }) => orThrow(ask(hub.GET("/api/v1/names", { signal }))),
    staleTime: 600_000,
  });
  for (const topic of ["camera", "sensor", "rule", "grid"]) useInvalidation(topic, ["names"], 5_000);

  return computed<Names>(() => {
    const { sources = {}, rules = {}, grids = {}, verdict_s = {}, by_work = [], spans = [] } = query.data.value ?? {};
    const seconds: Partial<Record<Severity, number>> = verdict_s;
    const work = spans.map(([from = "", to = ""]): Span => [Date.parse(from), Date.parse(to)]);
    return {
      source: (id) => sources[id] ?? (id === "storm" ? t("tuning.storm") : id),
      rule: (alert) => rules[alert.rule_id] ?? t(`alerts.kind.${alert.rule_kind}`),
      grid: (code) => (code === null ? t("alert.why.unbound") : (grids[code] ?? code)),
      ruleOf: (id) => rules[id] ?? id,
      grids: Object.entries(grids),
      judgeBy: (alert) => {
        const given = seconds[alert.severity];
        return given === undefined ? null : judgeBy(alert, given, by_work.includes(alert.severity) ? work : null);
      },
    };
  });
}
