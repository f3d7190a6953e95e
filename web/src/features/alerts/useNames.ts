/** What people call the sources, rules and grids of a list; asked for once, not per row. */
import { useQuery } from "@tanstack/vue-query";
import { computed } from "vue";
import { useI18n } from "vue-i18n";

import { ask, hub, orThrow } from "@/api/client";
import { useInvalidation } from "@/api/queries";

import type { Alert, Severity } from "./alert";

export interface Names {
  source: (id: string) => string;
  rule: (alert: Pick<Alert, "rule_id" | "rule_kind">) => string;
  /** A rule without an alert of it: by its id where it is gone. */
  ruleOf: (id: string) => string;
  grid: (code: string | null) => string;
  /** All grids by name, for the filter. */
  grids: readonly [string, string][];
  /** Seconds from the alert to its verdict, as the hub is configured; null until it has said. */
  verdictS: (severity: Severity) => number | null;
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
    const { sources = {}, rules = {}, grids = {}, verdict_s = {} } = query.data.value ?? {};
    return {
      source: (id) => sources[id] ?? id,
      rule: (alert) => rules[alert.rule_id] ?? t(`alerts.kind.${alert.rule_kind}`),
      grid: (code) => (code === null ? t("alert.why.unbound") : (grids[code] ?? code)),
      ruleOf: (id) => rules[id] ?? id,
      grids: Object.entries(grids),
      verdictS: (severity) => verdict_s[severity] ?? null,
    };
  });
}
