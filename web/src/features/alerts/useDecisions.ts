/** Acknowledge, judge, merge, mute: shown at once, sent with a moment to take them back. */
import { onScopeDispose, ref, shallowRef } from "vue";
import { useI18n } from "vue-i18n";

import { ask, hub, type Problem } from "@/api/client";
import type { components } from "@/api/schema";
import { queryClient } from "@/api/queries";
import { beforeSignOut } from "@/api/session";
import { wordsOf } from "@/ui/problem";
import { told } from "@/ui/told";

import type { Alert, Verdict } from "./alert";
import { decide, type Outcome, type Step } from "./judge";
import { UNDO_MS, UndoQueue, type Decision } from "./undo";

export interface Shown {
  show: (id: string, change: Partial<Alert> | null) => void;
  put: (alert: Alert) => void;
  /** Taken in hand: it rings no more; or it came to nothing. */
  quiet: (id: string, taken: boolean) => void;
  names: (id: string) => string;
}

export type MuteDraft = components["schemas"]["MuteIn"];

/** So long the bar offers to take a mute back; later it is ended where the mutes are listed. */
const MUTE_UNDO_MS = 2 * UNDO_MS;

export function useDecisions(shown: Shown) {
  const { t, te } = useI18n();
  const open = shallowRef<readonly Decision[]>([]);
  /** Of the window: what goes wrong is often heard when another page is open. */
  const said = told;
  /** The mute made last, while it can be taken back. */
  const muted = ref<string | null>(null);
  let forget: ReturnType<typeof setTimeout> | undefined;
  const queue = new UndoQueue((all) => (open.value = all));
  /** What is shown of each alert because of the last decision about it; an earlier one ends without a trace. */
  const under = new Map<string, Partial<Alert>>();

  function tell(alert: Alert, outcome: Outcome): boolean {
    if (outcome.kind === "done") {
      shown.put(outcome.alert);
      void queryClient.invalidateQueries({ queryKey: ["alerts", "story"] });
      return true;
    }
    const name = shown.names(alert.source);
    if (outcome.kind === "conflict") {
      const { actor, what } = outcome.by;
      said.value = t("alerts.conflict", { name, who: actor, what: moveWords(what) });
    } else {
      const key = `alerts.refusal.${outcome.problem.code}`;
      said.value = `${name}: ${te(key) ? t(key) : wordsOf(outcome.problem, t)}`;
    }
    void queryClient.invalidateQueries({ queryKey: ["alerts", "story"] });
    return false;
  }

  function moveWords(what: string): string {
    const [verb = "", detail = ""] = what.split(":");
    if (verb === "verdict") return t(`alerts.verdict.${detail}`);
    const key = `alerts.move.${verb}`;
    return te(key) ? t(key) : what;
  }

  function take(alert: Alert, change: Partial<Alert>): void {
    said.value = "";
    under.set(alert.id, change);
    shown.quiet(alert.id, true);
    shown.show(alert.id, change);
  }

  /** Decided for good or not at all: only what the hub says of it is shown. */
  function settle({ id }: Alert, change: Partial<Alert>): void {
    if (under.get(id) !== change) return;
    under.delete(id);
    shown.quiet(id, false);
    shown.show(id, null);
  }

  function add(alert: Alert, step: Step, change: Partial<Alert>, label: string, urgent = false): void {
    take(alert, change);
    queue.add({
      id: alert.id,
      label: `${shown.names(alert.source)} · ${label}`,
      send: async () => {
        const done = tell(alert, await decide(alert, step));
        if (done) settle(alert, change);
        return done;
      },
      revert: () => settle(alert, change),
      urgent,
    });
  }

  /** A confirmed P1 goes out at once: four seconds are long in a fire. */
  function judge(alert: Alert, verdict: Verdict): void {
    const urgent = alert.severity === "P1" && verdict === "confirmed";
    const step: Step = { path: "verdict", body: { verdict } };
    add(alert, step, { verdict, ack: "acked" }, t(`alerts.verdict.${verdict}`), urgent);
  }

  async function acknowledge(alert: Alert): Promise<void> {
    const change: Partial<Alert> = { ack: "acked" };
    take(alert, change);
    tell(alert, await decide(alert, { path: "acknowledge", body: {} }));
    settle(alert, change);
  }

  function merge(alert: Alert, into: Alert): void {
    const step: Step = { path: "merge", body: { into: into.id } };
    const change: Partial<Alert> = { verdict: "duplicate", ack: "acked", merged_into: into.id };
    add(alert, step, change, t("alerts.mergedInto", { name: shown.names(into.source) }));
  }

  async function unmerge(alert: Alert): Promise<void> {
    tell(alert, await decide(alert, { path: "unmerge", body: {} }));
  }

  /** Why it was refused, null when it was accepted: then it can be taken back as long as the bar shows it. */
  async function mute(draft: MuteDraft): Promise<Problem | null> {
    const answer = await ask(hub.POST("/api/v1/mutes", { body: draft }));
    if (answer.kind === "error") return answer.problem;
    if (answer.kind !== "ok") return null;
    clearTimeout(forget);
    muted.value = answer.value.id;
    forget = setTimeout(() => (muted.value = null), MUTE_UNDO_MS);
    return null;
  }

  async function undo(): Promise<void> {
    if (queue.undo()) return;
    const id = muted.value;
    muted.value = null;
    if (!id) return;
    const answer = await ask(hub.DELETE("/api/v1/mutes/{mute_id}", { params: { path: { mute_id: id } } }));
    if (answer.kind === "error") said.value = wordsOf(answer.problem, t);
  }

  const flush = () => queue.flush();
  const offSignOut = beforeSignOut(flush);
  addEventListener("pagehide", flush);
  onScopeDispose(() => {
    offSignOut();
    removeEventListener("pagehide", flush);
    clearTimeout(forget);
    void flush();
  });

  return { open, said, muted, judge, acknowledge, merge, unmerge, mute, undo, moveWords };
}
