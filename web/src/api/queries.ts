/**
 * What the server knows, kept by vue-query. Keys begin with the plural of the feed's topic
 * (`["alerts", ...]`, `["cameras", ...]`), so that a reset or a topic reaches all of its queries.
 */
import { QueryClient } from "@tanstack/vue-query";
import { onScopeDispose } from "vue";

import { ProblemError } from "./client";
import { feed, type FeedEvent } from "./feed";

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // A refusal stays a refusal; only a hub that is away or overloaded is asked again.
      retry: (failures, error) =>
        failures < 3 && error instanceof ProblemError && retryable(error.problem.status),
      refetchOnWindowFocus: false,
    },
    mutations: { retry: false },
  },
});

function retryable(status: number): boolean {
  return status === 0 || status >= 500;
}

feed.whenReset(() => void queryClient.invalidateQueries());

/** Listen to a topic of the feed for as long as the component lives. */
export function useFeed(topic: string, listener: (event: FeedEvent) => void): void {
  onScopeDispose(feed.on(topic, listener));
}

/** Load the queries under these keys anew when the topic speaks, at most once in `everyMs`. */
export function useInvalidation(topic: string, key: readonly unknown[], everyMs = 1_000): void {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  useFeed(topic, () => {
    waiting ??= setTimeout(() => {
      waiting = undefined;
      void queryClient.invalidateQueries({ queryKey: key });
    }, everyMs);
  });
  onScopeDispose(() => clearTimeout(waiting));
}
