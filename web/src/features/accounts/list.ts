/** Which accounts of a county's are wanted. Pure. */
import type { Account } from "./data";

/** Those that have all the words, in any order, in login, name, role or grid. */
export function found(accounts: readonly Account[], text: string, role: (account: Account) => string, grid: (code: string) => string): readonly Account[] {
  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return accounts;
  return accounts.filter((account) => {
    const code = account.grid_code ?? "";
    const said = [account.login, account.name, role(account), code, grid(code)].join("\n").toLowerCase();
    return words.every((word) => said.includes(word));
  });
}
