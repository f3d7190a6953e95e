/** Two people changed one camera: what I drew, on the version the other one left. Pure. */
import type { Shapes } from "./editor";

export type Part = keyof Shapes;

export interface Merged {
  shapes: Shapes;
  /** Parts that only the other one changed: taken over. */
  taken: Part[];
  /** Parts that both changed: mine stay, and would replace the other's. */
  kept: Part[];
}

const PARTS: readonly Part[] = ["zones", "lines", "masks", "ground", "rules"];

/** `before`: what both began with. */
export function merged(before: Shapes, mine: Shapes, newest: Shapes): Merged {
  const differ = (one: Shapes, other: Shapes) => (part: Part) => JSON.stringify(one[part]) !== JSON.stringify(other[part]);
  const theirs = PARTS.filter(differ(before, newest)).filter(differ(mine, newest));
  const kept = theirs.filter(differ(before, mine));
  const taken = theirs.filter((part) => !kept.includes(part));
  const shapes = { ...mine, ...Object.fromEntries(taken.map((part) => [part, newest[part]])) };
  return { shapes: { ...shapes, rules: shapes.rules.filter((use) => stands(shapes, use)) }, taken, kept };
}

/** A use may name a place that one of the two has deleted. */
function stands({ zones, lines }: Shapes, { zone, line }: Shapes["rules"][number]): boolean {
  const has = (all: readonly { id: string }[], id: string | null) => id === null || all.some((each) => each.id === id);
  return has(zones, zone) && has(lines, line);
}
