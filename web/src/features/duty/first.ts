/** Whose grids the page is about, and with which it begins. Pure. */
import type { Me } from "@/api/session";
import type { Ground } from "@/features/accounts/grants";

/** The grids of one's own rights, each with all below it; null: the whole site. */
export function ownGround(me: Me | null): ReadonlySet<string> | null {
  const codes = new Set<string>();
  for (const { grid } of me?.grants ?? []) {
    if (grid === null) return null;
    codes.add(grid);
  }
  return codes;
}

/** The uppermost of them. */
export function firstGrid(all: readonly Ground[], own: ReadonlySet<string> | null): string | null {
  const mine = own === null ? all : all.filter(({ code }) => own.has(code));
  const [top] = [...mine].sort((a, b) => a.path.length - b.path.length || (a.code < b.code ? -1 : 1));
  return top?.code ?? null;
}
