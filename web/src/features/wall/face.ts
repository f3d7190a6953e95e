/**
 * What a tile says about its picture. Pure. An old picture is never shown as live: it is dimmed and
 * covered with the words, and with the time it is from.
 */
import type { LineState } from "@/live/link";
import type { Look } from "@/live/deck";

/** Names of `wall.cover.<name>`; `none`: the picture speaks for itself. */
export type Cover =
  | "none"
  | "empty"
  | "connecting"
  | "line"
  | "forbidden"
  | "stale"
  | "frozen"
  | "offline"
  | "withheld"
  | "unagreed"
  | "unsupported"
  | "gone"
  | "stopped";

export interface Face {
  cover: Cover;
  /** UTC seconds of the last picture, where the cover should tell it. */
  lastAt: number | null;
  /** Shown in the corner of a live picture that is late, seconds. */
  lateS: number | null;
}

/** What the hub says of the camera itself, whichever way its picture comes. */
const OF_CAMERA: readonly Cover[] = ["stale", "frozen", "offline", "unagreed"];

/** The face of a picture that comes by another way than this tile's stream (WebRTC). */
export function directFace(face: Face): Face {
  return OF_CAMERA.includes(face.cover) ? face : { cover: "none", lastAt: null, lateS: null };
}

/** Why a source gives no video, as the hub names it (`camera.fault.<name>`). */
export const FAULTS = [
  "wrong_password", "unreachable", "no_such_path", "address_refused", "timeout", "not_video", "audio_only", "unknown_codec",
  "no_picture", "ended", "broken",
] as const;

/** Why an owner's consent withholds a picture (`problem.<name>`). */
export const CONSENTS = ["no_consent", "outside_hours", "only_during_incident", "not_for_this_role"] as const;

/** Whether its owner's consent withholds what was looked at: nothing of it is to be seen or taken. */
export function unagreed(look: Pick<Look, "state" | "why"> | undefined): boolean {
  return look?.state === "withheld" && CONSENTS.some((each) => each === look.why);
}

/** Key of the words for the hub's technical `why`, where there are some. */
export function reasonIn(why: string): string | null {
  if (CONSENTS.some((each) => each === why)) return `problem.${why}`;
  if (why.startsWith("masked_busy")) return "wall.maskedBusy";
  if (why.startsWith("not_watched")) return "wall.notWatched";
  const fault = FAULTS.find((each) => new RegExp(`\\b${each}\\b`).test(why));
  return fault ? `camera.fault.${fault}` : null;
}

/** Above this the age of a picture is told. */
export const LATE_S = 1.5;

export function faceOf(camera: string | null, look: Look | undefined, line: LineState): Face {
  if (camera === null) return { cover: "empty", lastAt: null, lateS: null };
  const cover = coverOf(look?.camera === camera ? look : undefined, line);
  const age = look?.ageS ?? null;
  return {
    cover,
    lastAt: cover === "none" || cover === "unagreed" ? null : (look?.lastPictureAt ?? null),
    lateS: cover === "none" && age !== null && age > LATE_S ? age : null,
  };
}

function coverOf(look: Look | undefined, line: LineState): Cover {
  if (line === "refused") return "forbidden";
  // A short break of the line is bridged by what is buffered; longer ones are told.
  if (line !== "live" && (!look?.hasPicture || look.ageS === null || look.ageS > LATE_S)) {
    return look?.hasPicture ? "line" : "connecting";
  }
  if (!look) return "connecting";
  if (look.refused) return look.refused === "not_found" ? "gone" : "forbidden";
  if (unagreed(look)) return "unagreed";
  if (look.state !== "online" && look.state !== "connecting") return look.state;
  if (!look.hasPicture) return "connecting";
  return look.still ? "stopped" : "none";
}
