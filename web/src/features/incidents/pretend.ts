/** Incidents as tests make them. */
import type { Detail, Incident } from "./types";

export function incidentOf(id: string, more: Partial<Incident> = {}): Incident {
  return {
    id, state: "filed", rule_kind: "report", severity: "P3", grid_code: "g", grid_path: ["a", "g"], opened_at: "2026-01-01T08:00:00Z",
    updated_at: "2026-01-01T08:00:00Z", alert_ids: [], due: { accept_by: "2026-01-01T08:10:00Z", on_scene_by: null, handle_by: "2026-01-01T10:00:00Z" },
    exercise: false, version: 1, origin: "counter", title: `Matter ${id}`, self_handled: false, parent_id: null, merged_into: null, closed_at: null, rating: null, class_code: "", raised_to: null,
    ...more,
  };
}

export function detailOf(id: string, more: Partial<Detail> = {}): Detail {
  return {
    ...incidentOf(id), verbs: [], asked: [], description: "", position: null, reported_by: null, handled_by: null, handled_at: null,
    disposition: "", no_evidence: "", photo_ids: [], rating_note: "", contact: false, clocks: [], ...more,
  };
}
