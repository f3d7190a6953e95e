/** A camera's file as it is written, and what it wants. Pure. */
import { midnight } from "@/ui/window";

import type { CameraFile, CameraFileIn, Export, Missing, Purpose, RetentionGround, Show } from "./data";

export const SHOWS: readonly Show[] = ["incomplete", "complete", "all"];
export const PURPOSES: readonly Purpose[] = ["public_order", "traffic", "fire", "flood", "forest_fire", "school_safety", "work_safety", "key_site", "emergency"];
export const GROUNDS: readonly RetentionGround[] = ["site", "prescribed", "agreed"];

export interface FileDraft {
  purpose: Purpose | "";
  purposeNote: string;
  location: string;
  sign: "" | "yes" | "no";
  /** A day, as `2026-01-31`. */
  signAt: string;
  signBy: string;
  filing: string;
  days: number | null;
  ground: RetentionGround | "";
  consent: string;
}

/** `day` writes a moment as a day of the site. */
export function draftOf(file: CameraFile, day: (at: string) => string): FileDraft {
  const { content } = file;
  const sign = content.sign_posted === null ? "" : content.sign_posted ? "yes" : "no";
  return {
    purpose: content.purpose ?? "",
    purposeNote: content.purpose_note,
    location: content.location,
    sign,
    signAt: content.sign_posted_at === null ? "" : day(content.sign_posted_at),
    signBy: content.sign_posted_by ?? "",
    filing: content.filing_number,
    days: content.retention_days,
    ground: content.retention_ground ?? "",
    consent: content.consent_id ?? "",
  };
}

/** The whole content as it is sent, over the version that was looked at. */
export function bodyOf(draft: FileDraft, version: number, zone: string): CameraFileIn {
  const posted = draft.sign === "yes";
  return {
    version,
    purpose: draft.purpose || null,
    purpose_note: draft.purposeNote.trim(),
    location: draft.location.trim(),
    sign_posted: draft.sign === "" ? null : posted,
    sign_posted_at: posted && draft.signAt ? midnight(draft.signAt, 0, zone) : null,
    sign_posted_by: posted ? draft.signBy.trim() || null : null,
    filing_number: draft.filing.trim(),
    retention_days: draft.days || null,
    retention_ground: draft.ground || null,
    consent_id: draft.consent.trim() || null,
  };
}

/** What is missing that cannot be written into the file itself: it stands in the register. */
export const IN_REGISTER: readonly Missing[] = ["place", "map_point"];

export function found(files: readonly CameraFile[], text: string): readonly CameraFile[] {
  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return files.filter((file) => words.every((word) => `${file.camera} ${file.name} ${file.owner}`.toLowerCase().includes(word)));
}

/** Whether somebody may say yes or no to it, or fetch it, now. */
export const decidable = (each: Export, may: boolean): boolean => may && each.state === "asked" && !each.mine;
export const fetchable = (each: Export, may: boolean, now: number): boolean =>
  may && each.mine && each.state === "ready" && each.fetches_left > 0 && each.fetch_until !== null && Date.parse(each.fetch_until) > now;
