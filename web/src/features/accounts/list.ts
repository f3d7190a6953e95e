/** Which accounts of a county's are wanted. Pure. */
import type { RoleName } from "@/api/session";

import type { Account } from "./data";
import type { Ground } from "./grants";

export interface AccountFilter {
  text: string;
  role: RoleName | null;
  /** A grid: who has a right on it or below it. */
  grid: string | null;
}

export interface Words {
  role: (role: RoleName) => string;
  grid: (code: string | null) => string;
}

/** Those that have all the words, in any order, in login, name, roles, grids or units. */
export function found(accounts: readonly Account[], filter: AccountFilter, words: Words, grounds: ReadonlyMap<string, Ground>): readonly Account[] {
  const wanted = filter.text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const { role, grid } = filter;
  const below = (code: string | null): boolean => code !== null && (code === grid || (grounds.get(code)?.path.includes(grid ?? "") ?? false));
  return accounts.filter((account) => {
    if (role !== null && !account.grants.some((grant) => grant.role === role)) return false;
    if (grid !== null && !account.grants.some((grant) => below(grant.grid))) return false;
    const said = [account.login, account.name, ...account.grants.flatMap((grant) => [words.role(grant.role), grant.grid ?? "", words.grid(grant.grid), grant.unit ?? ""])];
    const all = said.join("\n").toLowerCase();
    return wanted.every((word) => all.includes(word));
  });
}
