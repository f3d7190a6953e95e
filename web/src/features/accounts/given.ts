/** For tests: roles, grids and grants as the hub tells them. */
import type { Account, Grant, RoleRow } from "./data";
import type { Ground } from "./grants";

const row = (role: RoleRow["role"], actions: string[], may_give: RoleRow["role"][] = [], more: Partial<RoleRow> = {}): RoleRow => ({
  role, actions: actions as RoleRow["actions"], may_give, unit: false, people: true, programs: true, ...more,
});

const ALL: RoleRow["role"][] = ["admin", "operator", "worker", "chief", "department", "owner", "centre"];

export const ROLES: readonly RoleRow[] = [
  row("admin", ["self.read", "live.watch", "grants.give"], ALL),
  row("operator", ["self.read", "live.watch", "alerts.judge"]),
  row("worker", ["self.read", "tasks.accept"]),
  row("chief", ["self.read", "grants.give"], ["worker"]),
  row("department", ["self.read"], [], { unit: true }),
  row("owner", ["self.read", "consents.write"], [], { unit: true }),
  row("centre", ["self.read"], [], { people: false }),
];

/** A county of two towns with a village each. */
export const GROUNDS: readonly Ground[] = [
  { code: "c", name: "County", path: ["c"] },
  { code: "c-north", name: "North", path: ["c", "c-north"] },
  { code: "c-north-1", name: "Mill", path: ["c", "c-north", "c-north-1"] },
  { code: "c-south", name: "South", path: ["c", "c-south"] },
  { code: "c-south-1", name: "Ford", path: ["c", "c-south", "c-south-1"] },
];

export function aGrant(id: string, more: Partial<Grant> = {}): Grant {
  const on = { id, role: "worker", grid: "c-north-1", unit: null, window: null } as const;
  return { ...on, in_force: true, given_at: "2026-01-01T00:00:00Z", given_by: "admin", ended_at: null, ended_by: null, ...more };
}

export function anAccount(login: string, grants: Grant[], more: Partial<Account> = {}): Account {
  const at = "2026-01-01T00:00:00Z";
  const roles = [...new Set(grants.map(({ role }) => role))];
  return { id: login, login, name: `Name of ${login}`, roles, grants, must_change: false, created_at: at, disabled_at: null, locked_until: null, ...more };
}
