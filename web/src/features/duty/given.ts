/** For tests: a week of one grid. */
import type { Roster, Turn } from "./data";

export const DAYS = ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27", "2026-11-28", "2026-11-29"];

export const aTurn = (more: Partial<Turn> = {}): Turn => ({
  id: "turn",
  account: "lin",
  name: "Lin",
  grid: "g",
  role: "worker",
  shift: "early",
  day: "2026-11-23",
  starts_at: "2026-11-23T00:00:00Z",
  ends_at: "2026-11-23T08:00:00Z",
  ended_at: null,
  void: false,
  ...more,
});

export const aRoster = (more: Partial<Roster> = {}): Roster => ({
  grid: "g",
  week: "2026-11-23",
  days: DAYS,
  writable: true,
  turns: [],
  people: [
    { account: "lin", name: "Lin", roles: ["worker"], here: true },
    { account: "wu", name: "Wu", roles: ["worker"], here: false },
  ],
  leave: [],
  ...more,
});
