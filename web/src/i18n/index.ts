/**
 * The two languages. One file a feature: `<feature>.ts` exports `zh`, which is the shape, and `en`,
 * typed `typeof zh`. A text is `t("<feature>.<key>")`. i18n.test.ts holds them complete.
 */
import { createI18n } from "vue-i18n";

type Tree = { [key: string]: string | Tree };
interface Texts {
  zh: Tree;
  en: Tree;
}

export const LANGUAGES = ["zh", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

const files = import.meta.glob<Texts>(["./*.ts", "!./index.ts", "!./*.test.ts"], { eager: true });

/** All texts of a language by feature. */
export function texts(language: Language): Tree {
  return Object.fromEntries(
    Object.entries(files).map(([path, file]) => [path.slice(2, -3), file[language]]),
  );
}

const KEY = "hub.language";

function first(): Language {
  const kept = localStorage.getItem(KEY);
  if (kept === "zh" || kept === "en") return kept;
  return navigator.language.startsWith("en") ? "en" : "zh";
}

export const i18n = createI18n({
  legacy: false,
  locale: first(),
  fallbackLocale: "zh",
  messages: { zh: texts("zh"), en: texts("en") },
});

export function language(): Language {
  return i18n.global.locale.value as Language;
}

export function setLanguage(chosen: Language): void {
  i18n.global.locale.value = chosen;
  localStorage.setItem(KEY, chosen);
  document.documentElement.lang = chosen === "zh" ? "zh-CN" : "en";
}
