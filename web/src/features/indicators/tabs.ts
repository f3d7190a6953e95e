/** Which tables somebody is shown: whoever is judged reads the own figures, others are compared by who answers for them. Pure. */
import type { Me } from "@/api/session";

export const TABS = ["figures", "league", "departments", "weekly"] as const;
export type Tab = (typeof TABS)[number];

/** A right for a department gives no ground: its people have its line, and no grid's. */
export function tabsOf(me: Pick<Me, "grants" | "actions">): readonly Tab[] {
  const ground = me.grants.some(({ unit }) => unit === null);
  const unit = me.grants.some((grant) => grant.unit !== null);
  const compares = me.actions.includes("indicators.rank");
  const open: Record<Tab, boolean> = { figures: ground, league: compares, departments: compares || unit, weekly: compares };
  return TABS.filter((each) => open[each]);
}
