/** Who may be given what, where; how a right stands now; and a right in words. Pure. */
import type { Me, RoleName } from "@/api/session";
import { faultIn, windowOf, type WindowDraft } from "@/ui/window";

import type { Account, Grant, GrantIn, RoleRow } from "./data";

export interface Ground {
  code: string;
  name: string;
  /** Codes from the root down to itself. */
  path: readonly string[];
}

/** The choice of no grid but the whole site. */
export const WHOLE = "*";

/** A right that is being written: `grid` is a code, WHOLE, or null while none is chosen. */
export interface GrantDraft {
  role: RoleName | null;
  grid: string | null;
  unit: string;
  window: WindowDraft | null;
}

export const freshGrant = (): GrantDraft => ({ role: null, grid: null, unit: "", window: null });

/** The roles that who asks may give to people, in the order of the hub. */
export function givable(roles: readonly RoleRow[], me: Me | null): readonly RoleRow[] {
  const held = roles.filter(({ role }) => me?.roles.includes(role));
  return roles.filter(({ role, people }) => people && held.some((each) => each.may_give.includes(role)));
}

/** On which grids a role may be given; null: everywhere. */
export function grounds(role: RoleName, roles: readonly RoleRow[], me: Me | null): ReadonlySet<string> | null {
  const giving = (me?.grants ?? []).filter(({ role: mine }) => roles.find((each) => each.role === mine)?.may_give.includes(role));
  if (giving.some(({ grid }) => grid === null)) return null;
  return new Set(giving.flatMap(({ grid }) => grid ?? []));
}

/** Whether who asks may give this, and so may end it. */
export function mayGive(grant: Pick<Grant, "role" | "grid">, roles: readonly RoleRow[], me: Me | null, all: readonly Ground[]): boolean {
  if (!givable(roles, me).some(({ role }) => role === grant.role)) return false;
  const within = grounds(grant.role, roles, me);
  const path = all.find(({ code }) => code === grant.grid)?.path ?? [];
  return within === null || (grant.grid !== null && [grant.grid, ...path].some((code) => within.has(code)));
}

export type Choice = { value: string; label: string };

/** The grids to choose from, each with its path by name, in the order of the tree. */
export function choices(all: readonly Ground[], within: ReadonlySet<string> | null): Choice[] {
  const names = new Map(all.map(({ code, name }) => [code, name]));
  const sorted = [...all].sort((a, b) => compare([...a.path], [...b.path]));
  const wanted = within === null ? sorted : sorted.filter(({ code, path }) => [code, ...path].some((step) => within.has(step)));
  return wanted.map(({ code, path }) => ({ value: code, label: `${pathWords(path, code, names)} ${code}` }));
}

function compare(a: readonly string[], b: readonly string[]): number {
  const at = a.findIndex((code, index) => code !== b[index]);
  if (at < 0) return a.length - b.length;
  return (a[at] ?? "") < (b[at] ?? "") ? -1 : 1;
}

/** The names from the root down, without the root where something is below it. */
function pathWords(path: readonly string[], code: string, names: ReadonlyMap<string, string>): string {
  const steps = path.includes(code) ? path : [...path, code];
  const shown = steps.length > 1 ? steps.slice(1) : steps;
  return shown.map((step) => names.get(step) ?? step).join(" / ");
}

/** What the hub is asked for; null while something is missing. */
export function grantOf(draft: GrantDraft, named: boolean, zone: string): GrantIn | null {
  const unit = draft.unit.trim();
  if (!draft.role || !draft.grid || (named && !unit) || (draft.window && faultIn(draft.window))) return null;
  return {
    role: draft.role,
    grid: draft.grid === WHOLE ? null : draft.grid,
    unit: named ? unit : null,
    window: draft.window ? windowOf(draft.window, zone) : null,
  };
}

/** `now`: it counts; `hours`: not at this hour; `coming`: it has not begun; `over`: ended, or run out. */
export type Standing = "now" | "hours" | "coming" | "over";

export function standing(grant: Grant, now: number): Standing {
  const { starts_at = null, ends_at = null } = grant.window ?? {};
  if (grant.ended_at !== null || (ends_at !== null && Date.parse(ends_at) <= now)) return "over";
  if (starts_at !== null && Date.parse(starts_at) > now) return "coming";
  return grant.in_force ? "now" : "hours";
}

/** In the order in which they are asked about: what counts, what will, what did. */
export function sorted(grants: readonly Grant[], now: number): { grant: Grant; standing: Standing }[] {
  const order: readonly Standing[] = ["now", "hours", "coming", "over"];
  const rows = grants.map((grant) => ({ grant, standing: standing(grant, now) }));
  return rows.sort((a, b) => order.indexOf(a.standing) - order.indexOf(b.standing));
}

/** The departments and owners that people act for already, with others that are known. */
export function unitsOf(role: RoleName | null, accounts: readonly Account[], owners: readonly string[]): string[] {
  const held = accounts.flatMap(({ grants }) => grants.filter((grant) => grant.role === role).flatMap(({ unit }) => unit ?? []));
  return [...new Set([...held, ...(role === "owner" ? owners : [])])].sort();
}
