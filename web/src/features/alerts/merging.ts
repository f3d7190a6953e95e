/** Which of two alerts goes into the other: never the graver one into the lesser. */
import type { Alert } from "./alert";

export interface Pair {
  duplicate: Alert;
  into: Alert;
  /** True when the other way round than asked. */
  swapped: boolean;
}

/** Null where the two are one. */
export function into(asked: Alert, chosen: Alert): Pair | null {
  if (asked.id === chosen.id) return null;
  if (chosen.severity > asked.severity) return { duplicate: chosen, into: asked, swapped: true };
  return { duplicate: asked, into: chosen, swapped: false };
}
