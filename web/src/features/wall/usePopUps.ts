/** The alerts that stand on this window: loaded once, kept by the feed, acknowledged with undo of none. */
import { onScopeDispose, ref, shallowRef } from "vue";

import type { Problem } from "@/api/client";
import { feed } from "@/api/feed";
import { useFeed } from "@/api/queries";

import { acknowledge, unackedAlerts } from "./data";
import { told, without, type AlertSaid, type PopUp } from "./popups";

const LOCK = "hub.wall.popups";

/** Of several windows one shows the alerts; when it is closed, the next one does. */
function useFirst() {
  const first = ref(!navigator.locks);
  const gone = new AbortController();
  let letGo: () => void = () => undefined;
  const held = () =>
    new Promise<void>((resolve) => {
      first.value = true;
      letGo = resolve;
    });
  navigator.locks?.request(LOCK, { signal: gone.signal }, held).catch(() => undefined); // called off below
  onScopeDispose(() => {
    letGo();
    gone.abort();
  });
  return first;
}

export function usePopUps() {
  const first = useFirst();
  const list = shallowRef<readonly PopUp[]>([]);
  const problem = shallowRef<Problem | null>(null);
  const loading = new AbortController();

  async function load(): Promise<void> {
    const all = await unackedAlerts(loading.signal).catch(() => null); // the feed's reset loads anew
    if (all) list.value = all.reduce<readonly PopUp[]>(told, []);
  }

  async function ack(id: string): Promise<void> {
    const before = list.value;
    list.value = without(before, id);
    const answer = await acknowledge(id);
    problem.value = answer.kind === "error" ? answer.problem : null;
    const gone = before.find((each) => each.id === id);
    // Refused: it comes back, unless the feed has told of it meanwhile.
    if (answer.kind === "error" && gone && !list.value.some((each) => each.id === id)) {
      list.value = [...list.value, gone].toSorted((a, b) => before.indexOf(a) - before.indexOf(b));
    }
  }

  useFeed("alert", (event) => (list.value = told(list.value, event.body as unknown as AlertSaid)));
  onScopeDispose(feed.whenReset(() => void load()));
  onScopeDispose(() => loading.abort());
  void load();
  return { first, list, problem, ack };
}
