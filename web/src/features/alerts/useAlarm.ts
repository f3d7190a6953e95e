/** The P1 alerts that nobody has acknowledged, whatever the list shows, and their sound. */
import { computed, onScopeDispose, ref, shallowRef, watch } from "vue";

import { ask, hub } from "@/api/client";
import { feed } from "@/api/feed";
import { useFeed } from "@/api/queries";
import { session } from "@/api/session";

import { fromFeed, type Alert } from "./alert";
import { BrowserVoice, setWantsSound, Siren, wantsSound, type Voice } from "./siren";

/** As many as anybody can hear; the list shows them all. */
const MOST = 200;

export function useAlarm(voice: Voice = new BrowserVoice()) {
  const open = shallowRef<ReadonlyMap<string, Alert>>(new Map());
  const who = session.me?.name ?? "";
  const on = ref(wantsSound(who));
  const allowed = ref(false);
  const siren = new Siren(voice);
  const openedAt = new Date().toISOString();

  const rings = (alert: Alert): boolean =>
    alert.severity === "P1" && alert.ack === "unacked" && alert.verdict === null;

  async function load(): Promise<void> {
    const query = { severity: "P1", ack: "unacked", live: true, limit: MOST } as const;
    const answer = await ask(hub.GET("/api/v1/alerts", { params: { query } }));
    if (answer.kind === "ok") open.value = new Map(answer.value.items.filter(rings).map((each) => [each.id, each]));
  }

  function hear(alert: Alert): void {
    const known = open.value.has(alert.id);
    // One that was over before anybody looked stands in the list; it does not ring any more.
    const fresh = alert.life !== "cleared" || alert.raised_at >= openedAt;
    if (!known && !(rings(alert) && fresh)) return;
    const all = new Map(open.value);
    if (rings(alert)) all.set(alert.id, alert);
    else all.delete(alert.id);
    open.value = all;
  }

  /** Somebody here has taken it in hand: no more sound for it, whatever the hub says next. */
  function quiet(id: string): void {
    if (!open.value.has(id)) return;
    open.value = new Map([...open.value].filter(([each]) => each !== id));
  }

  async function unlock(): Promise<void> {
    await voice.unlock().catch(() => undefined);
    allowed.value = voice.allowed;
    if (allowed.value) removeEventListener("pointerdown", unlock);
  }

  function toggle(): void {
    on.value = !on.value;
    setWantsSound(who, on.value);
    if (on.value) void unlock();
  }

  useFeed("alert", (event) => hear(fromFeed(event.body)));
  onScopeDispose(feed.whenReset(() => void load()));
  // The browser allows sound only after the page was touched; the first touch will do.
  addEventListener("pointerdown", unlock);
  addEventListener("keydown", unlock, { once: true });
  onScopeDispose(() => {
    removeEventListener("pointerdown", unlock);
    removeEventListener("keydown", unlock);
    siren.set(false);
  });
  void load();

  const list = computed(() => [...open.value.values()].sort((a, b) => (a.raised_at < b.raised_at ? -1 : 1)));
  watch([list, on, allowed], () => siren.set(on.value && allowed.value && list.value.length > 0));

  return { list, on, allowed, toggle, unlock, quiet };
}
