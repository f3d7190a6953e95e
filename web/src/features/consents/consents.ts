/** Consents that are written, as they stand, and which owners are wanted. Pure. */
import type { RoleName } from "@/api/session";
import { faultIn, freshWindow, midnight, windowOf, type WindowDraft } from "@/ui/window";

import type { Consent, ConsentIn, Mode, Owner } from "./data";

export const MODES: readonly Mode[] = ["always", "schedule", "incident"];

/** Roles whose walls and desks show pictures: a consent may be for some of them only. */
export const LOOKING: readonly RoleName[] = ["operator", "shift_leader", "dispatcher", "chief", "admin", "camera_admin"];

export interface ConsentDraft {
  camera: string;
  mode: Mode;
  windows: WindowDraft[];
  roles: RoleName[];
  agreedBy: string;
  document: string;
  /** A day, as `2026-01-31`; empty: from now. */
  from: string;
}

export const freshConsent = (): ConsentDraft => ({ camera: "", mode: "schedule", windows: [freshWindow()], roles: [], agreedBy: "", document: "", from: "" });

/** What the hub is asked to put on file; null while something is missing. */
export function consentOf(draft: ConsentDraft, owner: string, zone: string): ConsentIn | null {
  const { camera, mode, windows, roles, from } = draft;
  const [agreed_by, document] = [draft.agreedBy.trim(), draft.document.trim()];
  const scheduled = mode === "schedule";
  if (!agreed_by || !document || (scheduled && (windows.length === 0 || windows.some(faultIn)))) return null;
  return {
    owner,
    camera: camera.trim() || null,
    mode,
    windows: scheduled ? windows.map((window) => windowOf(window, zone)) : [],
    roles,
    agreed_by,
    document,
    starts_at: from ? midnight(from, 0, zone) : null,
  };
}

export type Standing = "now" | "coming" | "over";

export function standing(consent: Consent, now: number): Standing {
  if (consent.ended_at !== null && Date.parse(consent.ended_at) <= Math.max(now, Date.parse(consent.starts_at))) return "over";
  return Date.parse(consent.starts_at) > now ? "coming" : "now";
}

/** What counts for an owner's cameras; `none`: nothing is on file, `free`: nobody has to be asked. */
export type Agreed = Mode | "none" | "free";
export const AGREED: readonly Agreed[] = ["none", "always", "schedule", "incident", "free"];

export function agreedOf(owner: Owner): Agreed {
  if (!owner.asked) return "free";
  return owner.consent?.mode ?? "none";
}

export interface OwnerFilter {
  text: string;
  agreed: Agreed | null;
}

export function wanted(owners: readonly Owner[], { text, agreed }: OwnerFilter): readonly Owner[] {
  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (owner: Owner): boolean => agreed === null || agreedOf(owner) === agreed || owner.own.some(({ mode }) => mode === agreed);
  return owners.filter((owner) => fits(owner) && words.every((word) => owner.owner.toLowerCase().includes(word)));
}
