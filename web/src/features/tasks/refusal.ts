import type { Item } from "./outbox";

export type Why = "taken" | "over" | "note" | "order" | "hands" | "gone" | "photo" | "forbidden" | "other";

/** Where saying it once more could help. */
export const worthRepeating = (why: Why): boolean => why === "other" || why === "forbidden";

const OVER = new Set(["task_is_done", "task_is_void", "incident_is_handled", "incident_is_closed", "incident_is_void"]);
const PHOTO = new Set(["wrong_media_type", "too_large", "too_many_photos"]);

/** What a refusal means for the worker: named by `tasks.why.<why>`, which says what to do. */
export function whyOf({ kind, refusal }: Pick<Item, "kind" | "refusal">): Why {
  if (!refusal) return "other";
  const { code, status } = refusal;
  if (OVER.has(code)) return "over";
  if (code === "task_is_of_another") return "hands";
  if (code.startsWith("task_is_") || code.startsWith("incident_is_")) return kind === "accept" ? "taken" : "order";
  if (code === "note_needed") return "note";
  if (PHOTO.has(code)) return "photo";
  if (status === 404) return "gone";
  if (status === 403) return "forbidden";
  return "other";
}
