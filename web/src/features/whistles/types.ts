import type { components } from "@/api/schema";

/** As the client hands it out: a tuple of the document is a list to it. */
type Told<T> = T extends (infer E)[] ? Told<E>[] : T extends object ? { [K in keyof T]: Told<T[K]> } : T;
type Schemas = components["schemas"];

export type Whistle = Told<Schemas["WhistleOut"]>;
export type Department = Schemas["DepartmentOut"];
export type WhistleState = Schemas["WhistleState"];
export type Part = Schemas["WhistlePart"];

/** What a page says of a whistle, in the order in which it comes; the first open one is the next step. */
export const ANSWERS = ["sign", "contact", "report", "refuse"] as const;
export const JUDGES = ["accept", "send_back", "withdraw"] as const;
export type Said = (typeof ANSWERS)[number] | (typeof JUDGES)[number];

/** In these states of an incident departments are called for it, as `hub/dispatch/incident.py` has it. */
export const CALLED_IN: ReadonlySet<Schemas["IncidentState"]> = new Set(["triaged", "filed", "dispatched", "returned", "accepted", "on_way", "on_scene", "suspended", "handled"]);

export const PARTS: readonly Part[] = ["lead", "joint"];
