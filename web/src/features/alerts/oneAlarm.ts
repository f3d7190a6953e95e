/** One alarm a window, however many of its parts look at it: two would sound against each other. */
import { effectScope, onScopeDispose, type EffectScope } from "vue";

import { useAlarm } from "./useAlarm";

export type Alarm = ReturnType<typeof useAlarm>;

let shared: { alarm: Alarm; scope: EffectScope } | null = null;
let users = 0;

/** The window's alarm; it ends with the last component that uses it. */
export function useOneAlarm(): Alarm {
  if (!shared) {
    const scope = effectScope(true);
    shared = { scope, alarm: scope.run(() => useAlarm()) as Alarm };
  }
  users++;
  onScopeDispose(() => {
    if (--users > 0) return;
    shared?.scope.stop();
    shared = null;
  });
  return shared.alarm;
}
