import { expect, it } from "vitest";

import { zh } from "@/i18n/tasks";

import type { Kind } from "./outbox";
import { whyOf } from "./refusal";

it.each([
  ["accept", 409, "task_is_accepted", "taken"],
  ["accept", 409, "task_is_done", "over"],
  ["on_scene", 409, "task_is_queued", "order"],
  ["done", 409, "task_is_of_another", "hands"],
  ["take_over", 409, "task_is_done", "over"],
  ["done", 422, "note_needed", "note"],
  ["photo", 415, "wrong_media_type", "photo"],
  ["photo", 422, "too_many_photos", "photo"],
  ["accept", 404, "no_such_task", "gone"],
  ["accept", 403, "forbidden", "forbidden"],
  ["accept", 409, "key_reused", "other"],
])("%s refused with %d %s: %s", (kind, status, code, why) => {
  const said = whyOf({ kind: kind as Kind, refusal: { status, code, detail: "" } });
  expect(said).toBe(why);
  expect(zh.why[said]).toBeTruthy();
});
