import { useI18n } from "vue-i18n";

import { lasted } from "./figures";

/** Seconds in words; a dash where nothing was waited. */
export function useLasted(): (seconds: number | null | undefined) => string {
  const { t } = useI18n();
  return (seconds) => {
    const found = lasted(seconds);
    return found === null ? "–" : t(`indicators.lasted.${found.unit}`, { n: found.n, rest: found.rest });
  };
}
