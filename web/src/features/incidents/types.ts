import type { components } from "@/api/schema";

/** As the client hands it out: a tuple of the document is a list to it. */
type Told<T> = T extends (infer E)[] ? Told<E>[] : T extends object ? { [K in keyof T]: Told<T[K]> } : T;
type Schemas = components["schemas"];

export type RunningClock = Told<Schemas["ClockOut"]>;
export type Level = Schemas["Level"];
/** `clocks`: where the hub tells them, the most urgent first. */
export type Incident = Told<Schemas["IncidentOut"]> & { clocks?: RunningClock[] };
export type Detail = Told<Schemas["IncidentDetailOut"]>;
export type Entry = Told<Schemas["EntryOut"]>;
export type Timeline = Told<Schemas["TimelineOut"]>;
export type Approval = Told<Schemas["ApprovalOut"]>;
export type Task = Schemas["TaskOut"];
export type Verb = Schemas["Verb"];
export type State = Schemas["IncidentState"];
export type Origin = Schemas["Origin"];
export type Severity = Schemas["Severity"];

export const SEVERITIES: readonly Severity[] = ["P1", "P2", "P3", "P4"];
export const ORIGINS: readonly Origin[] = ["camera", "sensor", "hub", "worker", "counter", "patrol", "department", "other"];

/** For GET /incidents/reasons: the codes by verb. */
export type Reasons = Partial<Record<Verb, readonly string[]>>;
