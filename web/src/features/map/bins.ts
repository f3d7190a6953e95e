/** What lies too close together to be told apart is one mark with a number. */

export interface Spot {
  x: number;
  y: number;
}

export interface Bin<T> extends Spot {
  items: T[];
}

/** Up to so many marks in view are drawn one by one, as far as they do not cover each other. */
const SINGLE_MAX = 300;
export const MARK_PX = 16;
const CROWD_PX = 64;

/** Side of a bin in pixels for so many things in view. */
export function sideOf(inView: number): number {
  return inView <= SINGLE_MAX ? MARK_PX : CROWD_PX;
}

/**
 * Things by squares of `side` pixels; a bin stands at the mean of its things. `place` gives pixels of
 * the whole world at one zoom, so that bins stay as they are while the map is moved.
 */
export function binned<T>(items: readonly T[], place: (item: T) => Spot, side: number): Bin<T>[] {
  const bins = new Map<string, Bin<T>>();
  for (const item of items) {
    const { x, y } = place(item);
    const key = `${Math.floor(x / side)} ${Math.floor(y / side)}`;
    const bin = bins.get(key);
    if (!bin) bins.set(key, { x, y, items: [item] });
    else {
      bin.items.push(item);
      bin.x += (x - bin.x) / bin.items.length;
      bin.y += (y - bin.y) / bin.items.length;
    }
  }
  return [...bins.values()];
}

export type Look = "good" | "warn" | "bad" | "off";
export const LOOKS: readonly Look[] = ["good", "warn", "bad", "off"];

const LOOK: Record<string, Look> = { online: "good", stale: "warn", frozen: "warn", offline: "bad" };

/** The same four looks as `ui/StateDot.vue`. */
export function lookOf(state: string): Look {
  return LOOK[state] ?? "off";
}

export type Shares = Record<Look, number>;

/** How many of a bin are in which state. */
export function sharesOf(states: Iterable<string>): Shares {
  const shares: Shares = { good: 0, warn: 0, bad: 0, off: 0 };
  for (const state of states) shares[lookOf(state)] += 1;
  return shares;
}
