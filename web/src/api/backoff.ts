/** Milliseconds before try number `failures` (from 0): 0.5 s doubling to 15 s, half of it by chance. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  const full = Math.min(15_000, 500 * 2 ** Math.min(failures, 10));
  return full / 2 + (full / 2) * random();
}
