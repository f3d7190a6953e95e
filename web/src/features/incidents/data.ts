/** What the pages of incidents ask the hub for, and how they tell it something. */
import { useQuery } from "@tanstack/vue-query";
import { computed } from "vue";

import { limit, orThrow, request, type Answer } from "@/api/client";
import { queryClient } from "@/api/queries";
import { can } from "@/api/session";
import type { Story } from "@/features/alerts/alert";

import type { Approval, Detail, Incident, Reasons, Task, Timeline, Verb } from "./types";
import { bodyOf, FORMS, openTask, type Draft } from "./verbs";

interface Page<T> {
  items: T[];
  next?: string | null;
}

export const INCIDENTS = ["incidents"] as const;
/** A line that says nothing for so long is no line. */
const LINE_MS = 30_000;
const PHOTO_MS = 120_000;

const address = (id: string): string => `/api/v1/incidents/${encodeURIComponent(id)}`;
const get = <T>(path: string, signal: AbortSignal): Promise<T> => orThrow(request<T>(path, { signal }));

export const detailKey = (id: string) => [...INCIDENTS, "one", id] as const;

const detailOf = (id: string, signal: AbortSignal): Promise<Detail> => get<Detail>(address(id), signal);

/** One incident with the verbs that are open to who asks. */
export function useIncident(id: () => string, enabled: () => boolean = () => true) {
  return useQuery({
    queryKey: computed(() => detailKey(id())),
    queryFn: ({ signal }) => detailOf(id(), signal),
    enabled: computed(enabled),
    staleTime: 5_000,
  });
}

/** The same outside of a query: as the hub has it now. */
export function lookAgain(id: string): Promise<Detail> {
  return queryClient.fetchQuery({ queryKey: detailKey(id), queryFn: ({ signal }) => detailOf(id, signal), staleTime: 0 });
}

export function useTimeline(id: () => string) {
  return useQuery({
    queryKey: computed(() => [...INCIDENTS, "timeline", id()]),
    queryFn: ({ signal }) => get<Timeline>(`${address(id())}/timeline`, signal),
  });
}

const tasksPath = (id: string): string => `/api/v1/tasks?incident_id=${encodeURIComponent(id)}&message=false&limit=50`;

export function useTasksOf(id: () => string) {
  return useQuery({
    queryKey: computed(() => [...INCIDENTS, "tasks", id()]),
    queryFn: async ({ signal }) => (await get<Page<Task>>(tasksPath(id()), signal)).items,
    enabled: computed(() => can("tasks.read")),
  });
}

export function useStory(alert: () => string | null) {
  return useQuery({
    queryKey: computed(() => ["alerts", "story", alert(), "case"]),
    queryFn: ({ signal }) => get<Story>(`/api/v1/alerts/${encodeURIComponent(alert() ?? "")}/story`, signal),
    enabled: computed(() => alert() !== null && can("alerts.read")),
  });
}

export function useReasons() {
  return useQuery({
    queryKey: ["reasons"],
    queryFn: ({ signal }) => get<Reasons>("/api/v1/incidents/reasons", signal),
    staleTime: 600_000,
  });
}

export function useApprovals(enabled: () => boolean = () => true) {
  return useQuery({
    queryKey: [...INCIDENTS, "approvals"],
    queryFn: async ({ signal }) => (await get<Page<Approval>>("/api/v1/approvals?state=asked&limit=100", signal)).items,
    enabled: computed(enabled),
  });
}

const LISTED_MAX = 500;

/**
 * Open incidents that answer a question of the list, newest first; `cut` where the hub has more of them.
 * A further page would stand in the register as somebody's search.
 */
export function useOpen(question: () => Record<string, string> = () => ({}), enabled: () => boolean = () => true) {
  return useQuery({
    queryKey: computed(() => [...INCIDENTS, "open", question()]),
    queryFn: async ({ signal }) => {
      const asked = new URLSearchParams({ ...question(), open: "true", limit: String(LISTED_MAX) });
      const { items, next } = await get<Page<Incident>>(`/api/v1/incidents?${asked.toString()}`, signal);
      return { items, cut: Boolean(next) };
    },
    enabled: computed(enabled),
  });
}

export interface GridName {
  code: string;
  name: string;
  path: readonly string[];
}

/** The grids of one's own ground, and those it lies in, by name. */
export function useGridNames() {
  const query = useQuery({
    queryKey: ["grids", "names"],
    queryFn: async ({ signal }) => (await get<Page<GridName>>("/api/v1/grids", signal)).items,
    staleTime: 300_000,
    enabled: computed(() => can("grids.read")),
  });
  const grids = computed<readonly GridName[]>(() => query.data.value ?? []);
  const names = computed(() => new Map(grids.value.map(({ code, name }) => [code, name])));
  const name = (code: string): string => names.value.get(code) ?? code;
  /** The last so many names of a path, from large to small. */
  const path = (codes: readonly string[], last = codes.length): string => codes.slice(-last).map(name).join(" › ");
  /** Codes are longer than names: a page that shows both in turn would move. */
  const loading = computed(() => query.isLoading.value);
  return { grids, name, path, loading };
}

/** To whom a case may go beside the own ground: the neighbours, and the police grid over the same place. */
export function useTakers(id: () => string, grid: () => string | null, enabled: () => boolean) {
  return useQuery({
    // Of where it lies now: handed over, it has other neighbours.
    queryKey: computed(() => ["grids", "takers", id(), grid()]),
    queryFn: ({ signal }) => get<GridName[]>(`/api/v1/incidents/${encodeURIComponent(id())}/hand-over/grids`, signal),
    staleTime: 300_000,
    enabled: computed(enabled),
  });
}

function post<T>(path: string, key: string, body: unknown): Promise<Answer<T>> {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
  return request<T>(path, { method: "POST", headers, body: JSON.stringify(body), signal: limit(LINE_MS) });
}

function sendBytes<T>(path: string, key: string, field: string, photos: readonly ArrayBuffer[], more: Record<string, string> = {}): Promise<Answer<T>> {
  const body = new FormData();
  for (const [name, value] of Object.entries(more)) body.append(name, value);
  photos.forEach((bytes, n) => body.append(field, new Blob([bytes], { type: "image/jpeg" }), `${n + 1}.jpg`));
  return request<T>(path, { method: "POST", headers: { "Idempotency-Key": key }, body, signal: limit(PHOTO_MS) });
}

export const sendPhoto = (bytes: ArrayBuffer, key: string): Promise<Answer<{ photo_id: string }>> =>
  sendBytes("/api/v1/incidents/photos", key, "photo", [bytes]);

const report = (body: unknown, key: string): Promise<Answer<Incident>> => post("/api/v1/incidents", key, body);

interface Reported {
  answer: Answer<Incident>;
  /** What arrived is what was said before. */
  earlier: boolean;
}

/**
 * A report, once. Where something else was taken down under its key, an answer was lost: it is told to
 * who repeats what was said, so all that was said `before` is, in turn.
 */
export async function reportOnce(body: unknown, key: string, before: readonly unknown[]): Promise<Reported> {
  const other = (answer: Answer<Incident>): boolean => answer.kind === "error" && answer.problem.code === "key_reused";
  const answer = await report(body, key);
  for (const said of other(answer) ? before : []) {
    const first = await report(said, key);
    if (!other(first)) return { answer: first, earlier: true };
  }
  return { answer, earlier: false };
}

/** The answer is to the incident as it was looked at: `asked` says in which version. */
export const decide = (asked: Approval, granted: boolean, note: string, key: string): Promise<Answer<Approval>> =>
  post(`/api/v1/approvals/${encodeURIComponent(asked.id)}`, key, { granted, note, version: asked.incident_version });

export const contactOf = (id: string): Promise<Answer<Page<{ name: string; phone: string }>>> => request(`${address(id)}/contact?reason=case`);

/** Say a verb; `photos` are those of an errand, which go with its word. */
export async function say(verb: Verb, detail: Detail, draft: Draft, key: string, photos: readonly ArrayBuffer[] = []): Promise<Answer<unknown>> {
  const form = FORMS[verb];
  if (!form) throw new RangeError(`${verb} is not said here`);
  if (!form.task) return post(`${address(detail.id)}/${form.route}`, key, bodyOf(verb, draft, detail, Date.now()));
  const found = await request<Page<Task>>(tasksPath(detail.id), { signal: limit(LINE_MS) });
  if (found.kind !== "ok") return found;
  const task = openTask(found.value.items);
  const path = `/api/v1/tasks/${encodeURIComponent(task?.id ?? "none")}/${form.route}`;
  if (verb === "finish") return sendBytes(path, key, "photos", photos, { note: draft.disposition.trim() });
  return post(path, key, { note: draft.note.trim() });
}

/** Everything that tells of incidents is loaded anew. */
export function reloadIncidents(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: INCIDENTS });
}

export const pictureOf = (evidence: string, size: "small" | "large" = "large"): string =>
  `/api/v1/evidence/${encodeURIComponent(evidence)}/picture?reason=case${size === "small" ? "&size=small" : ""}`;

export const photoOf = (id: string): string => `/api/v1/evidence/${encodeURIComponent(id)}/photo?reason=case`;
