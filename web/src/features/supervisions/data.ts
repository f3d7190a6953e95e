/** What the page of supervisions asks the hub for. */
import { useInfiniteQuery } from "@tanstack/vue-query";
import { computed } from "vue";

import { limit, orThrow, request, type Answer } from "@/api/client";
import { queryClient } from "@/api/queries";
import type { components } from "@/api/schema";

type Told<T> = T extends (infer E)[] ? Told<E>[] : T extends object ? { [K in keyof T]: Told<T[K]> } : T;
export type Supervision = Told<components["schemas"]["SupervisionOut"]>;
export type State = Supervision["state"];

interface Page {
  items: Supervision[];
  next?: string | null;
}

export const STATES = ["open", "answered", "ended"] as const;
const KEY = ["supervisions"] as const;
const PAGE = 100;
const LINE_MS = 30_000;

/** Newest first, more on demand; told anew when the feed speaks of one. */
export function useSupervisions(state: () => State | null) {
  return useInfiniteQuery({
    queryKey: computed(() => [...KEY, state()]),
    queryFn: ({ signal, pageParam }) => {
      const asked = new URLSearchParams({ limit: String(PAGE), state: state() ?? "" });
      if (!state()) asked.delete("state");
      if (pageParam) asked.set("after", pageParam);
      return orThrow(request<Page>(`/api/v1/supervisions?${asked}`, { signal }));
    },
    initialPageParam: "",
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: 60_000,
  });
}

export const reload = (): Promise<void> => queryClient.invalidateQueries({ queryKey: KEY });

export function answer(one: Supervision, note: string, key: string): Promise<Answer<Supervision>> {
  const headers = { "Content-Type": "application/json", "Idempotency-Key": key };
  const body = JSON.stringify({ note, version: one.version });
  return request(`/api/v1/supervisions/${encodeURIComponent(one.id)}/answer`, { method: "POST", headers, body, signal: limit(LINE_MS) });
}
