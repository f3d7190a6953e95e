/** For tests: somebody who acts in these roles on the whole site and may do this. */
import type { Held, Me, RoleName } from "./session";

export function someone(name: string, roles: RoleName | readonly RoleName[], actions: readonly string[] = [], more: Partial<Me> = {}): Me {
  const held = typeof roles === "string" ? [roles] : roles;
  const grants = held.map((role): Held => ({ role, grid: null, unit: null, window: null }));
  return { name, roles: held, grants, actions, must_change: false, ...more };
}
