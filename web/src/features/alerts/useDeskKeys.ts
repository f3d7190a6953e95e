/** The keyboard of the desk, from its map. */
import { useI18n } from "vue-i18n";

import { useKeys, type Key } from "@/ui/keys";

import { SEVERITIES, VERDICTS, type Verdict } from "./alert";
import { STATES, type Filters } from "./filters";
import { KEYS, VERDICT_KEYS, type DeskKey } from "./keymap";

export interface DeskActions {
  judge: (verdict: Verdict) => void;
  step: (by: 1 | -1) => void;
  edge: (last: boolean) => void;
  acknowledge: () => void;
  startMerge: () => void;
  finishMerge: () => void;
  merging: () => boolean;
  leave: () => boolean;
  mute: () => void;
  showMutes: () => void;
  undo: () => void;
  showFresh: () => void;
  showAlarm: () => void;
  toggleMedia: () => void;
  openPlayback: () => void;
  toggleSound: () => void;
  filters: () => Filters;
  change: (filters: Filters) => void;
}

export function useDeskKeys(desk: DeskActions): void {
  const { t } = useI18n();
  const free = (): boolean => !desk.merging();

  const runs: Record<DeskKey, Key["run"]> = {
    next: () => desk.step(1),
    previous: () => desk.step(-1),
    first: () => desk.edge(false),
    last: () => desk.edge(true),
    acknowledge: () => desk.acknowledge(),
    merge: () => desk.startMerge(),
    choose: () => desk.finishMerge(),
    mute: () => desk.mute(),
    mutes: () => desk.showMutes(),
    undo: () => desk.undo(),
    fresh: () => desk.showFresh(),
    alarm: () => desk.showAlarm(),
    media: () => desk.toggleMedia(),
    playback: () => desk.openPlayback(),
    sound: () => desk.toggleSound(),
    state: () => {
      const filters = desk.filters();
      const next = STATES[(STATES.indexOf(filters.state) + 1) % STATES.length] ?? "unjudged";
      desk.change({ ...filters, state: next });
    },
    leave: () => desk.leave(),
  };
  const whens: Partial<Record<DeskKey, () => boolean>> = { choose: () => desk.merging(), merge: free, acknowledge: free, mute: free };

  useKeys([
    ...VERDICTS.map((verdict): Key => ({
      keys: [VERDICT_KEYS[verdict]],
      what: () => t(`alerts.verdict.${verdict}`),
      run: () => desk.judge(verdict),
      when: free,
    })),
    ...(Object.keys(KEYS) as DeskKey[]).map((name): Key => {
      const when = whens[name];
      const repeats = name === "next" || name === "previous";
      return { keys: KEYS[name], what: () => t(`alerts.key.${name}`), run: runs[name], repeats, ...(when ? { when } : {}) };
    }),
    {
      keys: ["1", "2", "3", "4", "0"],
      what: () => t("alerts.key.severity"),
      run: (event) => desk.change({ ...desk.filters(), severity: SEVERITIES[Number(event.key) - 1] ?? null }),
    },
  ]);
}
