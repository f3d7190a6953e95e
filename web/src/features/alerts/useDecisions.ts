/** Acknowledge, judge, merge, mute: shown at once, sent with a moment to take them back. */
import { onScopeDispose, ref, shallowRef } from "vue";
import { useI18n } from "vue-i18n";

import { send } from "@/api/client";
import { queryClient } from "@/api/queries";
import { wordsOf } from "@/ui/problem";

import type { Alert, Verdict } from "./alert";
import { decide, type Outcome, type Step } from "./judge";
import { UNDO_MS, UndoQueue, type Decision } from "./undo";

export interface Shown {
  show: (id: string, change: Partial<Alert> | null) => void;
  put: (alert: Alert) => void;
  quiet: (id: string) => void;
  names: (id: string) => string;
}

export interface MuteDraft {
  source: string | null;
  rule_id: string | null;
  grid_prefix: string | null;
  reason: string;
  ends_at: string;
}

export function useDecisions(shown: Shown) {
  const { t, te } = useI18n();
  const open = shallowRef<readonly Decision[]>([]);
  /** The last thing that went wrong, in words; empty when all is well. */
  const said = ref("");
  const muted = ref<{ id: string; until: number } | null>(null);
  const queue = new UndoQueue((all) => (open.value = all));

  function tell(alert: Alert, outcome: Outcome): boolean {
    if (outcome.kind === "done") {
      shown.put(outcome.alert);
      shown.show(alert.id, null);
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

  function add(alert: Alert, step: Step, change: Partial<Alert>, label: string, urgent = false): void {
    said.value = "";
    shown.quiet(alert.id);
    shown.show(alert.id, change);
    queue.add({
      id: alert.id,
      label: `${shown.names(alert.source)} · ${label}`,
      send: async () => tell(alert, await decide(alert, step)),
      revert: () => shown.show(alert.id, null),
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
    said.value = "";
    shown.quiet(alert.id);
    shown.show(alert.id, { ack: "acked" });
    if (!tell(alert, await decide(alert, { path: "acknowledge", body: {} }))) shown.show(alert.id, null);
  }

  function merge(alert: Alert, into: Alert): void {
    const step: Step = { path: "merge", body: { into: into.id } };
    const change: Partial<Alert> = { verdict: "duplicate", ack: "acked", merged_into: into.id };
    add(alert, step, change, t("alerts.mergedInto", { name: shown.names(into.source) }));
  }

  async function unmerge(alert: Alert): Promise<void> {
    tell(alert, await decide(alert, { path: "unmerge", body: {} }));
  }

  /** True when it was accepted; it can be taken back as long as the bar shows it. */
  async function mute(draft: MuteDraft): Promise<boolean> {
    const answer = await send<{ id: string }>("POST", "/api/v1/mutes", draft);
    if (answer.kind === "error") said.value = wordsOf(answer.problem, t);
    if (answer.kind !== "ok") return false;
    muted.value = { id: answer.value.id, until: Date.now() + 2 * UNDO_MS };
    setTimeout(() => (muted.value = null), 2 * UNDO_MS);
    return true;
  }

  async function undo(): Promise<void> {
    if (queue.undo()) return;
    const mute = muted.value;
    muted.value = null;
    if (!mute) return;
    const answer = await send("DELETE", `/api/v1/mutes/${encodeURIComponent(mute.id)}`);
    if (answer.kind === "error") said.value = wordsOf(answer.problem, t);
  }

  const flush = () => queue.flush();
  addEventListener("pagehide", flush);
  onScopeDispose(() => {
    removeEventListener("pagehide", flush);
    flush();
  });

  return { open, said, muted, judge, acknowledge, merge, unmerge, mute, undo, moveWords };
}
