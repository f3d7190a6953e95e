/** Which words are open, what each asks for, and how it is written to the hub. Pure. */
import type { Said, Whistle } from "./types";

export interface Form {
  /** The last part of the address. */
  route: string;
  /** A code of the hub's list. */
  reason?: boolean;
  /** `must`: nothing is said without words. */
  note: "must" | "may" | "none";
  photos?: boolean;
  danger?: boolean;
}

export const FORMS: Record<Said, Form> = {
  sign: { route: "sign", note: "none" },
  contact: { route: "contact", note: "may" },
  report: { route: "report", note: "must", photos: true },
  refuse: { route: "refuse", reason: true, note: "may", danger: true },
  accept: { route: "accept", note: "none" },
  send_back: { route: "send-back", reason: true, note: "may", danger: true },
  withdraw: { route: "withdraw", note: "may", danger: true },
};

export interface Draft {
  reason: string;
  note: string;
}

export const emptyDraft = (): Draft => ({ reason: "", note: "" });

/** Said with one press: nothing has to be filled in. */
export const atOnce = (said: Said): boolean => FORMS[said].note === "none" && !FORMS[said].reason;

export function openOf(whistle: Pick<Whistle, "verbs">, among: readonly Said[]): Said[] {
  const open: readonly string[] = whistle.verbs;
  return among.filter((said) => open.includes(said));
}

/** What is still wanted before it can be said. */
export function missing(said: Said, draft: Draft): ("reason" | "note")[] {
  const form = FORMS[said];
  const wants: ("reason" | "note")[] = [];
  if (form.reason && !draft.reason) wants.push("reason");
  if (form.note === "must" && !draft.note.trim()) wants.push("note");
  return wants;
}

/** The body; it names the version that was looked at. */
export function bodyOf(said: Said, draft: Draft, version: number, photo_ids: readonly string[] = []): object {
  const form = FORMS[said];
  return {
    version,
    ...(form.note === "none" ? {} : { note: draft.note.trim() }),
    ...(form.reason ? { reason: draft.reason } : {}),
    ...(form.photos ? { photo_ids } : {}),
  };
}
