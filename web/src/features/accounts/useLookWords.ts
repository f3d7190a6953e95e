/** A line of the register in words. */
import { useI18n } from "vue-i18n";

import type { Look } from "./data";
import { subjectOf } from "./looks";

/** An account stands there by its id; people know it by its login, until that is erased. */
function toldOf(look: Look, id: string): string {
  const login = look.about;
  return login ? id.replace(/^[^:]*/, () => login) : id;
}

export function useLookWords() {
  const { t, te } = useI18n();

  const or = (key: string, code: string): string => (te(key) ? t(key) : code);
  const list = (what: string): string => or(`accounts.looks.list.${what}`, what);

  /** A filter as it was said: what it means where there are words for it, its value as it is. */
  function said([name, value]: [string, string]): string {
    return `${or(`accounts.looks.filter.${name}`, name)} ${value}`;
  }

  function action(look: Look): string {
    return or(`accounts.look.${look.action}`, look.action);
  }

  function subject(look: Look): string {
    const found = subjectOf(look);
    if (found.kind === "plain") return found.text;
    if (found.kind === "export") return t("accounts.looks.exported", { what: list(found.what) });
    if (found.kind === "thing") return `${or(`accounts.looks.thing.${found.what}`, found.what)} ${toldOf(look, found.id)}`;
    const asked = found.asked.map(said).join(t("common.and"));
    return asked ? t("accounts.looks.searched", { what: list(found.what), asked }) : t("accounts.looks.leafed", { what: list(found.what) });
  }

  return { action, subject };
}
