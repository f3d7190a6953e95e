/** The keys of the desk; `?` shows them all. `a` acknowledges here as on the wall, and never judges. */
import type { Verdict } from "./alert";

export const VERDICT_KEYS: Record<Verdict, string> = {
  confirmed: "c",
  false: "x",
  duplicate: "d",
  test: "t",
  suppressed: "s",
};

export const KEYS = {
  next: ["j", "ArrowDown"],
  previous: ["k", "ArrowUp"],
  first: ["Home"],
  last: ["End"],
  acknowledge: ["a", " "],
  merge: ["g"],
  choose: ["Enter"],
  mute: ["m"],
  mutes: ["M"],
  undo: ["u", "Ctrl+z"],
  fresh: ["n"],
  alarm: ["p"],
  media: ["v"],
  playback: ["o"],
  sound: ["b"],
  state: ["f"],
  leave: ["Escape"],
} as const satisfies Record<string, readonly string[]>;

export type DeskKey = keyof typeof KEYS;

/** Keys that mean two things; empty when the map is sound. */
export function clashes(): string[] {
  const all = [...Object.values(KEYS).flat(), ...Object.values(VERDICT_KEYS), "1", "2", "3", "4", "0", "?"];
  return all.filter((key, index) => all.indexOf(key) !== index);
}
