import type { RoleName } from "@/api/session";

export interface Place {
  /** Named by `common.nav.<name>`. */
  name: string;
  to: string;
}

const DESK: readonly Place[] = ["wall", "alerts", "map", "cameras", "system"].map((name) => ({ name, to: `/${name}` }));

const PLACES: Record<RoleName, readonly Place[]> = {
  operator: DESK,
  admin: [...DESK, { name: "accounts", to: "/accounts" }],
  worker: [{ name: "tasks", to: "/tasks" }],
  centre: [],
};

/** What stands in the navigation of a role, in its order. */
export function pagesOf(role: RoleName): readonly Place[] {
  return PLACES[role];
}
