/** What the pages of people ask the hub for. */
import { useInfiniteQuery, useQuery } from "@tanstack/vue-query";
import { computed, type Ref } from "vue";

import { orThrow, request, send, type Answer } from "@/api/client";
import type { components } from "@/api/schema";
import { queryClient } from "@/api/queries";
import { can } from "@/api/session";

import type { Ground } from "./grants";
import { queryOf, type LookFilter } from "./looks";

export type Account = components["schemas"]["AccountOut"];
export type Look = components["schemas"]["LookOut"];
export type Grant = components["schemas"]["GrantOut"];
export type GrantIn = components["schemas"]["GrantIn"];
export type RoleRow = components["schemas"]["RoleOut"];

export interface AccountDraft {
  login: string;
  name: string;
  grants: GrantIn[];
  password: string;
}

export interface AccountChange {
  name?: string;
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
    queryKey: [...ACCOUNTS, "list"],
    queryFn: async ({ signal }) => (await orThrow(request<Page<Account>>("/api/v1/accounts", { signal }))).items,
    refetchInterval: 15_000,
    enabled: computed(() => can("accounts.read")),
  });
}

/** The accounts, and what each was ever given. */
export function reloadAccounts(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: ACCOUNTS });
}

const address = (id: string): string => `/api/v1/accounts/${encodeURIComponent(id)}`;

export const createAccount = (draft: AccountDraft): Promise<Answer<Account>> => send("POST", "/api/v1/accounts", { ...draft, must_change: true });

export const changeAccount = (id: string, change: AccountChange): Promise<Answer<Account>> => send("PUT", address(id), change);

/** All that an account was ever given, the ended too. */
export function useGrants(account: () => string) {
  return useQuery({
    queryKey: computed(() => [...ACCOUNTS, "grants", account()]),
    queryFn: async ({ signal }) => (await orThrow(request<Page<Grant>>(`${address(account())}/grants`, { signal }))).items,
    refetchInterval: 15_000,
  });
}

export const giveGrant = (account: string, grant: GrantIn): Promise<Answer<Grant>> => send("POST", `${address(account)}/grants`, grant);

export const endGrant = (account: string, grant: string): Promise<Answer<undefined>> =>
  send("DELETE", `${address(account)}/grants/${encodeURIComponent(grant)}`);

export function useRoles() {
  return useQuery({
    queryKey: ["roles"],
    queryFn: async ({ signal }) => (await orThrow(request<Page<RoleRow>>("/api/v1/roles", { signal }))).items,
    staleTime: 600_000,
    enabled: computed(() => can("grants.read")),
  });
}

/** The register of looks as far as it is asked for, newest first, page by page. */
export function useLooks(filter: Readonly<Ref<LookFilter>>, zone: Readonly<Ref<string>>) {
  const asked = computed(() => queryOf(filter.value, zone.value));
  const query = useInfiniteQuery({
    queryKey: computed(() => ["looks", asked.value]),
    queryFn: ({ pageParam, signal }) =>
      orThrow(request<Page<Look>>(`/api/v1/looks?limit=${PAGE}${asked.value}${pageParam ? `&after=${pageParam}` : ""}`, { signal })),
    initialPageParam: "",
    getNextPageParam: (page: Page<Look>) => page.next ?? undefined,
    staleTime: 5_000,
  });
  const looks = computed(() => query.data.value?.pages.flatMap((page) => page.items) ?? []);
  return { query, looks };
}

/** All grids, each with the codes of its path from the root down to itself. */
export function useGrounds() {
  const query = useQuery({
    queryKey: ["grids", "grounds"],
    queryFn: async ({ signal }) => (await orThrow(request<Page<Ground>>("/api/v1/grids", { signal }))).items,
    staleTime: 300_000,
    enabled: computed(() => can("grids.read")),
  });
  return computed<readonly Ground[]>(() => query.data.value ?? []);
}

/** Who lends cameras, by name: whom an owner's right may be given for. */
export function useOwnerNames() {
  const query = useQuery({
    queryKey: ["owners", "names"],
    queryFn: async ({ signal }) => (await orThrow(request<Page<{ owner: string }>>("/api/v1/owners?limit=500", { signal }))).items,
    staleTime: 300_000,
    enabled: computed(() => can("consents.read")),
  });
  return computed(() => [...new Set((query.data.value ?? []).map(({ owner }) => owner))]);
}
