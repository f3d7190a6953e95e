/** Times: UTC inside, the site's zone on screens. */
import { onScopeDispose, ref, type Ref } from "vue";

export type AgoUnit = "now" | "s" | "min" | "h" | "d";

/** The largest whole unit between two times (ms since 1970); the future is now. */
export function agoOf(at: number, now: number): { unit: AgoUnit; n: number } {
  const s = Math.floor((now - at) / 1000);
  if (s < 5) return { unit: "now", n: 0 };
  if (s < 60) return { unit: "s", n: s };
  if (s < 3600) return { unit: "min", n: Math.floor(s / 60) };
  if (s < 86_400) return { unit: "h", n: Math.floor(s / 3600) };
  return { unit: "d", n: Math.floor(s / 86_400) };
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string, locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${zone} ${locale} ${JSON.stringify(options)}`;
  let made = formats.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(locale === "zh" ? "zh-CN" : "en-GB", { timeZone: zone, hourCycle: "h23", ...options });
    formats.set(key, made);
  }
  return made;
}

type When = string | number | Date;

/** Day and time to the second, in a zone. */
export function timeIn(at: When, zone: string, locale: string): string {
  return format(zone, locale, { dateStyle: "medium", timeStyle: "medium" }).format(new Date(at));
}

/** The time of day to the second, in a zone. */
export function clockIn(at: When, zone: string, locale: string): string {
  return format(zone, locale, { timeStyle: "medium" }).format(new Date(at));
}

const now = ref(Date.now());
let users = 0;
let tick: ReturnType<typeof setInterval> | undefined;

/** The time (ms since 1970), once a second, from one timer for the whole window. */
export function useNow(): Readonly<Ref<number>> {
  now.value = Date.now();
  if (users++ === 0) tick = setInterval(() => (now.value = Date.now()), 1000);
  onScopeDispose(() => {
    if (--users === 0) clearInterval(tick);
  });
  return now;
}
