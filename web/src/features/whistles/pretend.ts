/** Whistles as tests make them. */
import type { Whistle } from "./types";

export function whistleOf(id: string, more: Partial<Whistle> = {}): Whistle {
  return {
    id, incident_id: "i1", unit: "fire", unit_name: "Fire and rescue", part: "lead", state: "called", note: "Come at once", severity: "P2", rule_kind: "report", grid_code: "g",
    grid_path: ["a", "g"], grid_names: ["North town", "East street"], exercise: false, title: "Smoke", position: null, called_at: "2026-01-01T08:00:00Z", called_by: "Sun Wei",
    sign_by: "2026-01-01T08:10:00Z", contact_by: "2026-01-01T08:20:00Z", report_by: "2026-01-01T10:00:00Z", updated_at: "2026-01-01T08:00:00Z", version: 1,
    signed_at: null, signed_by: null, contacted_at: null, reported_at: null, reported_by: null, sign_soon: null, contact_soon: null, report_soon: null, ended_at: null, reason: "", answer: "", reports: [], verbs: ["sign", "refuse"],
    ...more,
  };
}
