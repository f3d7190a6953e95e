/** What the page of accounts asks the hub for. */
import { useInfiniteQuery, useQuery } from "@tanstack/vue-query";
import { computed } from "vue";

import { orThrow, request, send, type Answer } from "@/api/client";
import type { components } from "@/api/schema";
import { queryClient } from "@/api/queries";

export type Account = components["schemas"]["AccountOut"];
export type Look = components["schemas"]["LookOut"];

export const ROLES = ["operator", "worker", "admin"] as const;
export type AccountRole = (typeof ROLES)[number];

export interface AccountDraft {
  login: string;
  name: string;
  role: AccountRole;
  grid_code: string | null;
  password: string;
}

export interface AccountChange {
  name?: string;
  role?: AccountRole;
  grid_code?: string | null;
  disabled?: boolean;
  unlock?: boolean;
  password?: string;
}

interface Page<T> {
  items: T[];
  next?: string | null;
}

const ACCOUNTS = ["accounts"] as const;
const PAGE = 200;

export function useAccounts() {
  return useQuery({
    queryKey: ACCOUNTS,
    queryFn: async ({ signal }) => (await orThrow(request<Page<Account>>("/api/v1/accounts", { signal }))).items,
    refetchInterval: 15_000,
  });
}

export function reloadAccounts(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: ACCOUNTS });
}

export const createAccount = (draft: AccountDraft): Promise<Answer<Account>> =>
  send("POST", "/api/v1/accounts", { ...draft, must_change: true });

export const changeAccount = (id: string, change: AccountChange): Promise<Answer<Account>> =>
  send("PUT", `/api/v1/accounts/${encodeURIComponent(id)}`, change);

/** The register of looks, newest first, page by page. */
export function useLooks() {
  const query = useInfiniteQuery({
    queryKey: ["looks"],
    queryFn: ({ pageParam, signal }) =>
      orThrow(request<Page<Look>>(`/api/v1/looks?limit=${PAGE}${pageParam ? `&after=${pageParam}` : ""}`, { signal })),
    initialPageParam: "",
    getNextPageParam: (page: Page<Look>) => page.next ?? undefined,
    staleTime: 5_000,
  });
  const looks = computed(() => query.data.value?.pages.flatMap((page) => page.items) ?? []);
  return { query, looks };
}

export function useGridNames() {
  const query = useQuery({
    queryKey: ["grids", "accounts"],
    queryFn: async ({ signal }) => (await orThrow(request<Page<{ code: string; name: string }>>("/api/v1/grids", { signal }))).items,
    staleTime: 300_000,
  });
  return computed(() => query.data.value ?? []);
}
