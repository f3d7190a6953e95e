/** How an item of the outbox becomes a request. */
import { limit, request, type Answer } from "@/api/client";

import type { Item, Kind } from "./outbox";
import type { Task } from "./types";

const PATH: Record<Kind, string> = {
  accept: "accept",
  take_over: "take-over",
  on_way: "on-way",
  on_scene: "on-scene",
  done: "done",
  photo: "photos",
};

/** A line that says nothing for so long is no line. */
const WORD_MS = 30_000;
const PHOTO_MS = 120_000;

export function post(item: Item, photo?: ArrayBuffer): Promise<Answer<unknown>> {
  // The cookie is the browser's: by now it may be that of somebody who logged in in another window.
  const headers: Record<string, string> = { "Idempotency-Key": item.key, "Signed-In-As": encodeURIComponent(item.by) };
  if (item.kind !== "photo" && item.kind !== "done") headers["Content-Type"] = "application/json";
  return request(`/api/v1/tasks/${encodeURIComponent(item.taskId)}/${PATH[item.kind]}`, {
    method: "POST",
    headers,
    body: bodyOf(item, photo),
    signal: limit(item.kind === "photo" ? PHOTO_MS : WORD_MS),
  });
}

function bodyOf(item: Item, photo?: ArrayBuffer): BodyInit {
  const said = { note: item.note, ...(item.at ? { at: item.at } : {}) };
  if (item.kind !== "photo" && item.kind !== "done") return JSON.stringify(said);
  const form = new FormData();
  if (item.kind === "done") for (const [name, value] of Object.entries(said)) form.append(name, value);
  else form.append("photo", new Blob([photo ?? new ArrayBuffer(0)], { type: "image/jpeg" }), "photo.jpg");
  return form;
}

/** The task as the hub has it now. */
export function look(taskId: string): Promise<Answer<Task>> {
  return request<Task>(`/api/v1/tasks/${encodeURIComponent(taskId)}`, { signal: limit(WORD_MS) });
}
