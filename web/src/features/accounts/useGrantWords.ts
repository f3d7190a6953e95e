/** Roles, grids and times of rights in words. */
import { computed } from "vue";
import { useI18n } from "vue-i18n";

import type { Held, RoleName } from "@/api/session";
import { useSite } from "@/api/site";
import { windowWords } from "@/ui/window";

import { useGrounds } from "./data";

export function useGrantWords() {
  const { t } = useI18n();
  const site = useSite();
  const all = useGrounds();
  const grounds = computed(() => new Map(all.value.map((ground) => [ground.code, ground])));

  const role = (name: RoleName): string => t(`common.role.${name}`);
  const grid = (code: string | null): string => (code === null ? t("accounts.wholeSite") : (grounds.value.get(code)?.name ?? code));
  const place = (held: Held): string => [held.unit, grid(held.grid)].filter(Boolean).join(" · ");
  const when = (held: Held): string => windowWords(held.window, site.value.time_zone, t);
  return { all, grounds, role, grid, place, when };
}
