/** What is said of an incident in the reader's language. */
import { useI18n } from "vue-i18n";

import type { Problem } from "@/api/client";
import { spanText } from "@/features/alerts/clock";
import { wordsOf } from "@/ui/problem";

import { spanOf, type Clock } from "./clock";
import type { Entry, Incident } from "./types";

/** `code`, `code: note` or free text, as the log has it. */
export function partsOf(reason: string, known: (code: string) => boolean): { code: string; note: string } {
  const [first = "", ...rest] = reason.split(": ");
  return known(first) ? { code: first, note: rest.join(": ") } : { code: "", note: reason };
}

export function useWords() {
  const { t, te } = useI18n();

  /** What a report is called, or what kind of alert it was. */
  const title = (incident: Pick<Incident, "title" | "rule_kind">): string => incident.title || t(`alerts.kind.${incident.rule_kind}`);

  const clock = ({ step, leftMs, held }: Clock): string =>
    held ? `${t(`incidents.step.${step}`)} · ${t("incidents.clock.held")}` : t(`incidents.clock.${step}.${leftMs < 0 ? "over" : "left"}`, { time: span(Math.abs(leftMs)) });

  /** Minutes and seconds below an hour, then whole hours, from two days on days. */
  function span(ms: number): string {
    const { unit, n } = spanOf(ms);
    return unit === "min" ? spanText(ms) : t(`incidents.span.${unit}`, { n });
  }

  /** What the hub notes by itself is no reason of a list: `counter; P2; contact <reference>`, `parent_grid`. */
  function noted(text: string): string | null {
    // A clock's: its step, and from which grid to which it climbs.
    const [, step = "", way] = /^(\w+)(?:: (\S+ > \S+))?$/.exec(text) ?? [];
    if (te(`incidents.step.${step}`)) return [t(`incidents.step.${step}`), way].filter(Boolean).join(" · ");
    const [, word = "", severity, contact] = /^(\w+)(?:; (P[1-4]))?(; contact \w+)?$/.exec(text) ?? [];
    if (te(`incidents.origin.${word}`)) return [t(`incidents.origin.${word}`), severity, contact && t("incidents.withContact")].filter(Boolean).join(" · ");
    return te(`incidents.why.${word}`) ? t(`incidents.why.${word}`) : null;
  }

  function reason(text: string): string {
    const own = noted(text);
    if (own !== null) return own;
    const { code, note } = partsOf(text, (each) => te(`incidents.reason.${each}`));
    return [code && t(`incidents.reason.${code}`), note].filter(Boolean).join(": ");
  }

  /** `lead fire: note`, as the log has it, with the name of the department; other reasons as they are. */
  function called({ what, reason: text }: Pick<Entry, "what" | "reason">, department: (id: string) => string): string {
    const [, part, unit = "", note] = /^(lead|joint) (\S+?)(?:: ([\s\S]*))?$/.exec(what === "call" ? text : "") ?? [];
    if (te(`whistles.reason.${text}`)) return t(`whistles.reason.${text}`);
    return part ? [t(`whistles.part.${part}`), department(unit), note].filter(Boolean).join(" · ") : text;
  }

  /** What a line of the timeline tells. */
  function did({ entity, what }: Pick<Entry, "entity" | "what">): string {
    const [verb = "", detail = ""] = what.split(":");
    if (entity === "alert") {
      if (verb === "verdict" && te(`alerts.verdict.${detail}`)) return t(`alerts.verdict.${detail}`);
      return te(`alerts.move.${verb}`) ? t(`alerts.move.${verb}`) : what;
    }
    if (entity === "whistle" && te(`whistles.did.${what}`)) return t(`whistles.did.${what}`);
    return te(`deeds.${what}`) ? t(`deeds.${what}`) : what;
  }

  /** A state of an incident or of one of its tasks; an alert's is told by its word. */
  function state({ entity }: Pick<Entry, "entity">, name: string | null): string {
    const own = { task: `alert.task.${name}`, whistle: `whistles.state.${name}` } as Partial<Record<Entry["entity"], string>>;
    const key = own[entity] ?? `incidents.state.${name}`;
    return name && entity !== "alert" && te(key) ? t(key) : "";
  }

  function problem(it: Problem): string {
    if (it.code === "stale_version") return t("incidents.stale");
    const [, kind, found] = /^(incident|approval)_is_(\w+)$/.exec(it.code) ?? [];
    if (kind === "incident" && te(`incidents.state.${found}`)) return t("incidents.movedOn", { state: t(`incidents.state.${found}`) });
    if (kind === "approval" && te(`incidents.ask.${found}`)) return t("incidents.decided", { state: t(`incidents.ask.${found}`) });
    return wordsOf(it, t);
  }

  return { title, clock, span, reason, called, did, state, problem };
}
