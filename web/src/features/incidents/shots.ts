/** Photos that were chosen on a page, and how they reach the hub: each once, under its own key. */
import type { Answer } from "@/api/client";
import { freshKey } from "@/features/tasks/key";
import { shrink } from "@/features/tasks/photo";

import { sendPhoto } from "./data";

export interface Shot {
  key: string;
  bytes: ArrayBuffer;
  /** Its id at the hub, null until it is there. */
  id: string | null;
}

export const SHOTS_MAX = 6;

/** Null when this browser cannot read the picture. */
export async function shotOf(file: Blob): Promise<Shot | null> {
  const bytes = await shrink(file);
  return bytes && { key: freshKey(), bytes, id: null };
}

/** Sends those that are not there yet; the ids of all, in their order. A retry goes on where it broke off. */
export async function upload(shots: readonly Shot[]): Promise<Answer<string[]>> {
  for (const shot of shots) {
    if (shot.id) continue;
    const answer = await sendPhoto(shot.bytes, shot.key);
    if (answer.kind !== "ok") return answer;
    shot.id = answer.value.photo_id;
  }
  return { kind: "ok", value: shots.flatMap(({ id }) => id ?? []) };
}
