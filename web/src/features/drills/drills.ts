/** What is still to be answered, and an answer before it is sent. Pure. */
import type { Drill, Item, Kind, Plan, Said } from "./data";

export interface Draft {
  faults: string[];
  note: string;
}

export const freshDraft = (item: Item): Draft => ({ faults: [...item.faults], note: item.note });

export const goodOf = (item: Item): Said => ({ kind: item.kind, subject: item.subject, result: "good", faults: [], note: "", version: item.version });

/** Null where nobody said yet what is wrong. */
export function faultyOf(item: Item, draft: Draft): Said | null {
  if (draft.faults.length === 0) return null;
  return { kind: item.kind, subject: item.subject, result: "faulty", faults: draft.faults, note: draft.note.trim(), version: item.version };
}

/** What the hub saw itself may say it already: a camera without a picture. */
export const likely = (item: Item): string[] => ({ offline: ["no_picture"], frozen: ["frozen"] })[item.found] ?? [];

export const keyOf = ({ kind, subject }: Pick<Item, "kind" | "subject">): string => `${kind}/${subject}`;

export const wanted = (items: readonly Item[], open: boolean): Item[] => items.filter(({ result }) => !open || result === "open");

export const countOf = (drill: Drill, kind: Kind) => drill.counts?.find((each) => each.kind === kind) ?? null;

/** 09:30 to minutes of the day; null for what is no time. */
export function minuteOf(text: string): number | null {
  const found = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  return found ? Number(found[1]) * 60 + Number(found[2]) : null;
}

const two = (n: number): string => String(n).padStart(2, "0");

export const timeOf = ({ minute }: Pick<Plan, "minute">): string => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
