/** What somebody fills in to report something, what is still wrong with it, and what is sent. Pure. */
import type { Me } from "@/api/session";
import type { components } from "@/api/schema";

import type { LonLat } from "./place";
import type { Severity } from "./types";

type ReportIn = components["schemas"]["ReportIn"];
export type Reported = ReportIn["origin"];

export const REPORTED: readonly Reported[] = ["worker", "counter", "patrol", "department", "other"];

export interface Report {
  origin: Reported;
  title: string;
  description: string;
  /** Empty: its class says how grave it is. */
  severity: Severity | "";
  /** Code of its class, empty: how it came in decides. */
  class_code: string;
  grid: string | null;
  position: LonLat | null;
  name: string;
  phone: string;
  exercise: boolean;
  settled: boolean;
  disposition: string;
  no_evidence: string;
}

export const freshReport = (origin: Reported): Report => ({
  origin, title: "", description: "", severity: "", class_code: "", grid: null, position: null, name: "", phone: "", exercise: false,
  settled: false, disposition: "", no_evidence: "",
});

/** Who reports most likely says it for whom: a worker for himself, the desk for the counter. */
export function originOf(me: Pick<Me, "roles"> | null): Reported {
  const roles = me?.roles ?? [];
  if (roles.includes("operator") || roles.includes("shift_leader")) return "counter";
  if (roles.includes("department")) return "department";
  return roles.includes("worker") || roles.includes("chief") ? "worker" : "other";
}

const HANDLERS = ["operator", "shift_leader", "worker", "chief"];

/** Who works on cases: they say that it was dealt with on the spot, and open what they reported. A department is called. */
export const handles = (me: Pick<Me, "roles"> | null): boolean => (me?.roles ?? []).some((role) => HANDLERS.includes(role));

export type Fault = "title" | "phone" | "disposition" | "noEvidence";

const PHONE = /^[0-9+() -]{3,40}$/;

/** `proofs`: how many photos of the handling there are. */
export function faultsOf(report: Report, proofs: number): Fault[] {
  const { title, name, phone, settled, disposition, no_evidence } = report;
  const faults: Partial<Record<Fault, boolean>> = {
    title: title.trim() === "",
    phone: (phone.trim() !== "" || name.trim() !== "") && !PHONE.test(phone.trim()),
    disposition: settled && disposition.trim() === "",
    noEvidence: settled && proofs === 0 && no_evidence.trim() === "",
  };
  return (Object.keys(faults) as Fault[]).filter((fault) => faults[fault]);
}

/** `photos` are of what was found, `proofs` of what was done about it: their ids at the hub. */
export function reportBody(report: Report, photos: string[], proofs: string[]): ReportIn {
  const { origin, title, description, severity, class_code, grid, position, name, phone, exercise, settled, disposition, no_evidence } = report;
  return {
    origin, severity: severity || null, exercise,
    class_code: class_code || null,
    title: title.trim(),
    description: description.trim(),
    grid: position ? null : grid,
    position,
    contact: phone.trim() ? { name: name.trim(), phone: phone.trim() } : null,
    photo_ids: photos,
    handled: settled ? { disposition: disposition.trim(), no_evidence: no_evidence.trim(), photo_ids: proofs } : null,
  };
}
