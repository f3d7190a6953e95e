/** Consents in words. */
import { useI18n } from "vue-i18n";

import { useSite } from "@/api/site";
import { windowWords } from "@/ui/window";

import type { Consent, ConsentIn, Owner } from "./data";

export function useConsentWords() {
  const { t } = useI18n();
  const site = useSite();

  function terms(consent: Pick<Consent | ConsentIn, "mode" | "windows" | "roles">): string {
    const hours = consent.windows.map((window) => windowWords(window, site.value.time_zone, t)).join(t("consents.also"));
    const when = consent.mode === "schedule" ? t("consents.agreed.scheduleAt", { when: hours }) : t(`consents.agreed.${consent.mode}`);
    if (consent.roles.length === 0) return when;
    const roles = consent.roles.map((role) => t(`common.role.${role}`)).join(t("common.and"));
    return t("consents.onlyRoles", { when, roles });
  }

  function ofOwner(owner: Owner): string {
    if (!owner.asked) return t("consents.agreed.free");
    return owner.consent ? terms(owner.consent) : t("consents.agreed.none");
  }

  return { terms, ofOwner };
}
