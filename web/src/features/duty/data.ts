/** What the page of who is on duty asks the hub for. */
import { useQuery } from "@tanstack/vue-query";
import { computed } from "vue";

import { orThrow, request, send, type Answer } from "@/api/client";
import type { components } from "@/api/schema";
import { queryClient } from "@/api/queries";
import { can } from "@/api/session";

type Schemas = components["schemas"];
export type Role = Schemas["Role"];
export type Roster = Schemas["RosterOut"];
export type Turn = Schemas["TurnOut"];
export type Candidate = Schemas["CandidateOut"];
export type Leave = Schemas["LeaveOut"];
export type Shift = Schemas["ShiftOut"];
export type Post = Schemas["PostOut"];
export type Now = Schemas["NowOut"];
export type OnDuty = Schemas["OnDutyOut"];
export type Sheet = Schemas["DutySheetOut"];
export type Line = Schemas["DutyLineOut"];
export type First = Schemas["FirstOut"];
export type Kind = "people" | "rosters";

interface Page<T> {
  items: T[];
}

const DUTY = "/api/v1/duty";
const NOW_MS = 30_000;

const on = (grid: string, more: Record<string, string> = {}): string => new URLSearchParams({ grid, ...more }).toString();

function useOn<T>(what: string, grid: () => string | null, path: (grid: string) => string, everyMs?: number) {
  return useQuery({
    queryKey: computed(() => ["duty", what, grid()]),
    queryFn: ({ signal }) => orThrow(request<T>(path(grid() ?? ""), { signal })),
    enabled: computed(() => grid() !== null),
    ...(everyMs ? { refetchInterval: everyMs } : {}),
  });
}

/** `week`: any day of it, null for the present one. */
export function useRoster(grid: () => string | null, week: () => string | null) {
  return useQuery({
    queryKey: computed(() => ["duty", "roster", grid(), week()]),
    queryFn: ({ signal }) => {
      const day = week();
      return orThrow(request<Roster>(`${DUTY}/roster?${on(grid() ?? "", day ? { week: day } : {})}`, { signal }));
    },
    enabled: computed(() => grid() !== null),
  });
}

export const useNowOn = (grid: () => string | null) => useOn<Now>("now", grid, (code) => `${DUTY}/now?${on(code)}`, NOW_MS);
export const useShifts = (grid: () => string | null) => useOn<Page<Shift>>("shifts", grid, (code) => `${DUTY}/shifts?${on(code)}`);
export const usePosts = (grid: () => string | null) => useOn<Page<Post>>("posts", grid, (code) => `${DUTY}/posts?${on(code)}`);
export const useVacancies = (grid: () => string | null) =>
  useOn<Page<Post>>("vacancies", grid, (code) => `${DUTY}/vacancies?${new URLSearchParams({ under: code })}`, 60_000);

/** Leave that is not over, for those who keep a roster. */
export function useLeave() {
  return useQuery({
    queryKey: ["duty", "absences"],
    queryFn: async ({ signal }) => (await orThrow(request<Page<Leave>>(`${DUTY}/absences`, { signal }))).items,
    enabled: computed(() => can("duty.write")),
  });
}

export const reload = (): Promise<void> => queryClient.invalidateQueries({ queryKey: ["duty"] });

export const giveTurns = (turns: Schemas["TurnsIn"]): Promise<Answer<Page<Turn>>> => send("POST", `${DUTY}/turns`, turns);
export const endTurn = (id: string): Promise<Answer<Turn>> => send("POST", `${DUTY}/turns/${encodeURIComponent(id)}/end`);
export const swapTurn = (id: string, account: string): Promise<Answer<Turn>> => send("POST", `${DUTY}/turns/${encodeURIComponent(id)}/swap`, { account });
export const copyWeek = (grid: string, week: string, to: string): Promise<Answer<Schemas["CopyOut"]>> => send("POST", `${DUTY}/roster/copy`, { grid, week, to });
export const putPost = (post: Schemas["PostIn"]): Promise<Answer<Post>> => send("PUT", `${DUTY}/posts`, post);
export const endPost = (id: string): Promise<Answer<undefined>> => send("POST", `${DUTY}/posts/${encodeURIComponent(id)}/end`);
export const addLeave = (leave: Schemas["LeaveIn"]): Promise<Answer<Leave>> => send("POST", `${DUTY}/absences`, leave);
export const endLeave = (id: string): Promise<Answer<Leave>> => send("POST", `${DUTY}/absences/${encodeURIComponent(id)}/end`);

/** Try a sheet (no stamp), or have done what was shown under that stamp. */
export function importSheet(kind: Kind, sheet: Blob, stamp: string | null, skipRefused: boolean): Promise<Answer<Sheet>> {
  const asked = new URLSearchParams(stamp === null ? { dry_run: "true" } : { stamp, skip_refused: String(skipRefused) });
  return request(`${DUTY}/${kind}/import?${asked}`, { method: "POST", body: sheet, headers: { "Content-Type": "text/csv" } });
}
