/** The P1 alerts that nobody has acknowledged, whatever the list shows, and their sound. */
import { computed, onScopeDispose, ref, shallowRef, watch } from "vue";

import { backoffMs } from "@/api/backoff";
import { ask, hub, type Problem } from "@/api/client";
import { feed } from "@/api/feed";
import { useFeed } from "@/api/queries";
import { session } from "@/api/session";

import { fromFeed, type Alert } from "./alert";
import { BrowserVoice, setWantsSound, Siren, wantsSound, type Voice } from "./siren";

/** As many as anybody can hear; the list shows them all. */
const MOST = 200;

export function useAlarm(voice: Voice = new BrowserVoice()) {
  const open = shallowRef<ReadonlyMap<string, Alert>>(new Map());
  /** Taken in hand here, the hub does not know yet: no sound for them, whatever is told. */
  const inHand = shallowRef<ReadonlySet<string>>(new Set());
  /** Why it is not known what rings; asked again until it is. */
  const problem = shallowRef<Problem | null>(null);
  const who = session.me?.name ?? "";
  const on = ref(wantsSound(who));
  const allowed = ref(false);
  const siren = new Siren(voice);
  const openedAt = new Date().toISOString();
  let running: AbortController | null = null;
  /** What was told while the answer was on its way, which may be older. */
  let meanwhile: Alert[] = [];
  let failures = 0;
  /** False while the hub has more than it was asked for. */
  let whole = true;
  let again: ReturnType<typeof setTimeout> | undefined;

  // One that was over before anybody looked stands in the list; it does not ring any more.
  const fresh = (alert: Alert): boolean => alert.life !== "cleared" || alert.raised_at >= openedAt || open.value.has(alert.id);
  const rings = (alert: Alert): boolean =>
    alert.severity === "P1" && alert.ack === "unacked" && alert.verdict === null;

  async function load(): Promise<void> {
    clearTimeout(again);
    running?.abort();
    const call = (running = new AbortController());
    meanwhile = [];
    const wanted = { severity: "P1", ack: "unacked", judged: false, limit: MOST } as const;
    const read = (query: object) => ask(hub.GET("/api/v1/alerts", { params: { query: { ...wanted, ...query } }, signal: call.signal }));
    // What rings here goes on ringing when it is over: only a person makes it quiet.
    const since = [...open.value.values()].reduce((first, { raised_at }) => (raised_at < first ? raised_at : first), openedAt);
    const answers = await Promise.all([read({ live: true }), read({ live: false, raised_from: since })]);
    if (running !== call) return;
    running = null;
    const failed = answers.find((answer) => answer.kind === "error");
    if (failed) {
      problem.value = failed.problem;
      again = setTimeout(() => void load(), backoffMs(failures++));
      return;
    }
    const pages = answers.flatMap((answer) => (answer.kind === "ok" ? [answer.value] : []));
    problem.value = null;
    failures = 0;
    whole = !pages[0]?.next;
    const items = pages.flatMap((page) => page.items).filter((alert) => rings(alert) && fresh(alert));
    open.value = new Map(items.map((each) => [each.id, each]));
    meanwhile.forEach(hear);
  }

  function hear(alert: Alert): void {
    if (running) meanwhile.push(alert);
    const known = open.value.get(alert.id);
    if (known && known.version > alert.version) return;
    if (!known && !(rings(alert) && fresh(alert))) return;
    const all = new Map(open.value);
    if (rings(alert)) all.set(alert.id, alert);
    else all.delete(alert.id);
    open.value = all;
    if (!whole && !running && failures === 0 && all.size < MOST / 2) void load();
  }

  /** Somebody here has taken it in hand (no more sound for it), or it came to nothing. */
  function quiet(id: string, taken: boolean): void {
    const all = new Set(inHand.value);
    if (taken) all.add(id);
    else all.delete(id);
    inHand.value = all;
  }

  async function unlock(): Promise<void> {
    await voice.unlock().catch(() => undefined);
    allowed.value = voice.allowed;
    if (allowed.value) stopAsking();
  }

  function stopAsking(): void {
    removeEventListener("pointerdown", unlock);
    removeEventListener("keydown", unlock);
  }

  function toggle(): void {
    on.value = !on.value;
    setWantsSound(who, on.value);
    if (on.value) void unlock();
  }

  useFeed("alert", (event) => hear(fromFeed(event.body)));
  onScopeDispose(feed.whenReset(() => void load()));
  // The browser allows sound only after the page was touched; the first touch will do (Esc is none).
  addEventListener("pointerdown", unlock);
  addEventListener("keydown", unlock);
  onScopeDispose(() => {
    stopAsking();
    clearTimeout(again);
    running?.abort();
    running = null;
    siren.set(false);
  });
  void load();

  const list = computed(() =>
    [...open.value.values()].filter(({ id }) => !inHand.value.has(id)).sort((a, b) => (a.raised_at < b.raised_at ? -1 : 1)),
  );
  watch([list, on, allowed], () => siren.set(on.value && allowed.value && list.value.length > 0));

  return { list, on, allowed, problem, hear, toggle, unlock, quiet };
}
