/** A rule made while drawing: tried with other numbers before it stands in the register. Pure. */
import type { Rule, RuleEntry, RuleUse } from "../types";
import { sameUse } from "./editor";

export const ZONE_KINDS = ["zone_intrusion", "crowd"] as const;
export const LINE_KINDS = ["line_crossing"] as const;
/** Kinds that look at the whole picture where no zone is named. */
export const PICTURE_KINDS = ["crowd"] as const;
/** Kinds that look at the camera itself. */
const CAMERA_KINDS: readonly string[] = ["camera_offline", "camera_frozen"];
export type DrawnKind = (typeof ZONE_KINDS)[number] | (typeof LINE_KINDS)[number];

/** What a person would want to say of it; everything else stays at the hub's defaults. */
export interface RuleDraft {
  id: string;
  name: string;
  kind: DrawnKind;
  severity: "P1" | "P2" | "P3" | "P4";
  policy: "auto_dispatch" | "verify_first";
  kinds: string[];
  dwell_s: number;
  /** A crowd is so many or so dense; the other one is null. */
  count_min: number | null;
  density_min: number | null;
  hold_s: number;
  direction: "a_to_b" | "b_to_a" | "both";
  /** The rule this is a copy of: what is not asked for here stays as it is there. */
  original: Rule | null;
}

export const OBJECT_KINDS = ["person", "bicycle", "motorcycle", "car", "bus", "truck", "boat", "animal"] as const;

/** The kinds of rules that a place can have; no place is the whole picture. */
export function kindsAt({ zone, line }: { zone: unknown; line: unknown }): readonly DrawnKind[] {
  return zone ? ZONE_KINDS : line ? LINE_KINDS : PICTURE_KINDS;
}

/**
 * The rules of the camera itself that can be bound, and those that are. Offline rules serve sensors
 * as well: one that sensors use (`ofSensors`) is theirs, as long as there is another.
 */
export function cameraRules(rules: readonly RuleEntry[], uses: readonly RuleUse[], ofSensors: ReadonlySet<string>): RuleEntry[] {
  const bound = ({ rule }: RuleEntry) => uses.some((use) => sameUse(use, { rule: rule.id, zone: null, line: null }));
  const fitting = rules.filter(({ rule }) => CAMERA_KINDS.includes(rule.kind));
  const offline = fitting.filter(({ rule }) => rule.kind === "camera_offline");
  const own = offline.filter(({ rule }) => !ofSensors.has(rule.id));
  const theirs = new Set(own.length ? offline.filter((each) => !own.includes(each)) : []);
  return fitting.filter((each) => !theirs.has(each) || bound(each));
}

export function newDraft(kind: DrawnKind, taken: readonly string[]): RuleDraft {
  return {
    ...{ id: freeId(kind.replaceAll("_", "-"), taken), name: "", kind, severity: "P3", policy: "verify_first" },
    ...{ kinds: ["person"], dwell_s: 3, count_min: 5, density_min: null, hold_s: 5, direction: "a_to_b", original: null },
  } as RuleDraft;
}

/** As the hub wants it: the numbers that this kind has, the rest as in the original or at the hub's defaults. */
export function specOf(draft: RuleDraft): Rule {
  const { id, name, kind, severity, policy, kinds } = draft;
  const head = { id, name, kind, severity, policy, kinds };
  const own = {
    zone_intrusion: { dwell_s: draft.dwell_s },
    crowd: { count_min: draft.count_min, density_min: draft.density_min, hold_s: draft.hold_s },
    line_crossing: { direction: draft.direction },
  }[kind];
  return { ...draft.original, ...head, ...own } as unknown as Rule;
}

/** A registered rule with numbers to play with, under an id of its own. */
export function copyOf(rule: Rule, taken: readonly string[]): RuleDraft {
  const blank = newDraft(rule.kind as DrawnKind, taken);
  const asked = Object.fromEntries(Object.entries(rule).filter(([key]) => key in blank));
  return { ...blank, ...asked, id: freeId(rule.id, taken), original: rule };
}

function freeId(stem: string, taken: readonly string[]): string {
  for (let number = 2; ; number++) {
    const id = `${stem.slice(0, 60)}-${number}`;
    if (!taken.includes(id)) return id;
  }
}

/** The rules that are used and do not stand in the register yet. */
export function unwritten(uses: readonly RuleUse[], drafts: readonly RuleDraft[], known: readonly string[]): RuleDraft[] {
  return drafts.filter((draft) => !known.includes(draft.id) && uses.some((use) => use.rule === draft.id));
}
