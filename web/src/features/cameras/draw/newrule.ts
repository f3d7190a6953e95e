/** A rule made while drawing: tried with other numbers before it stands in the register. Pure. */
import type { Rule, RuleUse } from "../types";

export const ZONE_KINDS = ["zone_intrusion", "crowd"] as const;
export const LINE_KINDS = ["line_crossing"] as const;
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
  count_min: number;
  hold_s: number;
  direction: "a_to_b" | "b_to_a" | "both";
}

export const OBJECT_KINDS = ["person", "bicycle", "motorcycle", "car", "bus", "truck", "boat", "animal"] as const;

export function fitsZone(kind: string): boolean {
  return (ZONE_KINDS as readonly string[]).includes(kind);
}

export function fitsLine(kind: string): boolean {
  return (LINE_KINDS as readonly string[]).includes(kind);
}

export function newDraft(kind: DrawnKind, taken: readonly string[]): RuleDraft {
  return {
    ...{ id: freeId(kind.replaceAll("_", "-"), taken), name: "", kind, severity: "P3", policy: "verify_first" },
    ...{ kinds: ["person"], dwell_s: 3, count_min: 5, hold_s: 5, direction: "a_to_b" },
  } as RuleDraft;
}

/** As the hub wants it: only the numbers that this kind has. */
export function specOf(draft: RuleDraft): Rule {
  const { id, name, kind, severity, policy, kinds } = draft;
  const head = { id, name, kind, severity, policy, kinds };
  const own = {
    zone_intrusion: { dwell_s: draft.dwell_s },
    crowd: { count_min: draft.count_min, hold_s: draft.hold_s },
    line_crossing: { direction: draft.direction },
  }[kind];
  return { ...head, ...own } as unknown as Rule;
}

/** A registered rule with numbers to play with, under an id of its own. */
export function copyOf(rule: Rule, taken: readonly string[]): RuleDraft {
  const kind = rule.kind as DrawnKind;
  const known = rule as unknown as Partial<RuleDraft>;
  const blank = newDraft(kind, taken);
  const given = Object.fromEntries(Object.entries(known).filter(([key, value]) => key in blank && value !== null && value !== undefined));
  return { ...blank, ...given, id: freeId(rule.id, taken) };
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
