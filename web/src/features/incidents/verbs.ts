/** What each verb asks of who says it, and what is sent. Pure. */
import type { Detail, Severity, State, Verb } from "./types";

export type Field =
  | "reason" | "severity" | "hold" | "disposition" | "no_evidence" | "photos"
  | "grid" | "title" | "description" | "alerts" | "into" | "until" | "rating" | "note";

export interface Form {
  /** The last part of its address. */
  route: string;
  fields: readonly Field[];
  /** Said of the incident's errand, not of the incident. */
  task?: boolean;
  /** Another person decides. */
  asks?: boolean;
  danger?: boolean;
}

export const FORMS: Partial<Record<Verb, Form>> = {
  triage: { route: "triage", fields: ["severity", "note"] },
  file: { route: "file", fields: ["hold", "note"] },
  settle: { route: "settle", fields: ["disposition", "photos", "no_evidence"] },
  dispatch: { route: "dispatch", fields: ["note"] },
  return: { route: "return", fields: ["reason", "note"] },
  accept: { route: "accept", fields: [], task: true },
  set_out: { route: "on-way", fields: [], task: true },
  arrive: { route: "on-scene", fields: [], task: true },
  finish: { route: "done", fields: ["disposition", "photos"], task: true },
  suspend: { route: "suspend", fields: ["reason", "note"], asks: true },
  resume: { route: "resume", fields: ["note"] },
  extend: { route: "extend", fields: ["reason", "until", "note"], asks: true },
  hand_over: { route: "hand-over", fields: ["grid", "reason", "note"] },
  reassign: { route: "reassign", fields: ["reason", "note"] },
  split: { route: "split", fields: ["title", "description", "alerts", "hold"] },
  merge: { route: "merge", fields: ["into", "note"] },
  verify: { route: "verify", fields: ["note"] },
  pass: { route: "pass", fields: ["disposition", "no_evidence", "note"] },
  rework: { route: "rework", fields: ["reason", "note"] },
  reopen: { route: "reopen", fields: ["reason", "note"] },
  archive: { route: "archive", fields: ["note"] },
  rate: { route: "rate", fields: ["rating", "note"] },
  void: { route: "void", fields: ["reason", "note"], asks: true, danger: true },
};

/** The way on, in the order of a life; what leads aside comes after it. */
const ONWARD: readonly Verb[] = ["triage", "file", "dispatch", "accept", "set_out", "arrive", "finish", "resume", "verify", "pass", "archive", "rate"];
const ASIDE: readonly Verb[] = ["settle", "rework", "return", "reassign", "hand_over", "extend", "suspend", "split", "merge", "reopen", "void"];

/** Those that are open and have a form, the way on first. */
export function inOrder(verbs: readonly Verb[]): Verb[] {
  return [...ONWARD, ...ASIDE].filter((verb) => verbs.includes(verb) && verb in FORMS);
}

/** The next step of a life, null where only byways are open. */
export function mainVerb(verbs: readonly Verb[]): Verb | null {
  return ONWARD.find((verb) => verbs.includes(verb)) ?? null;
}

/** Said at once, without a dialogue: nothing is asked, and the next step can be taken back. */
const AT_ONCE: ReadonlySet<Verb> = new Set(["dispatch", "verify", "resume", "archive", "accept", "set_out", "arrive"]);

export const atOnce = (verb: Verb): boolean => AT_ONCE.has(verb);

/** What was filled in. */
export interface Draft {
  reason: string;
  severity: Severity;
  hold: boolean;
  disposition: string;
  no_evidence: string;
  photo_ids: readonly string[];
  grid: string | null;
  title: string;
  description: string;
  alert_ids: readonly string[];
  into: string | null;
  /** Hours beyond what is due now. */
  hours: number;
  rating: number;
  note: string;
}

export const freshDraft = (detail: Pick<Detail, "severity" | "disposition" | "no_evidence">): Draft => ({
  reason: "", severity: detail.severity, hold: false, disposition: detail.disposition, no_evidence: detail.no_evidence, photo_ids: [], grid: null,
  title: "", description: "", alert_ids: [], into: null, hours: 24, rating: 0, note: "",
});

/** The fields that still lack something; `photos`: how many are there or on their way. */
export function missing(verb: Verb, draft: Draft, photos = draft.photo_ids.length): Field[] {
  const wants: Partial<Record<Field, boolean>> = {
    reason: draft.reason === "",
    disposition: verb !== "pass" && draft.disposition.trim() === "",
    no_evidence: verb === "settle" && photos === 0 && draft.no_evidence.trim() === "",
    grid: draft.grid === null,
    title: draft.title.trim() === "",
    into: draft.into === null,
    rating: draft.rating < 1,
  };
  return (FORMS[verb]?.fields ?? []).filter((field) => wants[field]);
}

const HOUR_MS = 3_600_000;

/** The new deadline: so many hours after the old one, or after now where that is past. */
export function extended(handleBy: string, hours: number, now: number): string {
  return new Date(Math.max(Date.parse(handleBy), now) + hours * HOUR_MS).toISOString();
}

/** The body of a verb that is said of the incident. */
export function bodyOf(verb: Verb, draft: Draft, detail: Pick<Detail, "version" | "due">, now: number): Record<string, unknown> {
  const values: Record<Field, Record<string, unknown>> = {
    reason: { reason: draft.reason },
    severity: { severity: draft.severity },
    hold: { hold: draft.hold },
    disposition: { disposition: draft.disposition.trim() },
    no_evidence: { no_evidence: draft.no_evidence.trim() },
    photos: { photo_ids: draft.photo_ids },
    grid: { grid: draft.grid },
    title: { title: draft.title.trim() },
    description: { description: draft.description.trim() },
    alerts: { alert_ids: draft.alert_ids },
    into: { into: draft.into },
    until: { until: extended(detail.due.handle_by, draft.hours, now) },
    rating: { rating: draft.rating },
    note: { note: draft.note.trim() },
  };
  const told = (FORMS[verb]?.fields ?? []).map((field) => values[field]);
  return Object.assign({ version: detail.version }, ...told) as Record<string, unknown>;
}

/** Which errand a task's verb is meant for: the one that is neither done nor void. */
export function openTask<T extends { state: string }>(tasks: readonly T[]): T | null {
  return tasks.find(({ state }) => state !== "done" && state !== "void") ?? null;
}

/** States that another incident may be merged into. */
export const TAKES: readonly State[] = ["triaged", "filed", "returned", "dispatched", "accepted", "on_way", "on_scene", "suspended"];
