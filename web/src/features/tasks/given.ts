/** Tasks and items for the tests of this feature. */
import { vi } from "vitest";

import type { Item, Kind } from "./outbox";
import type { Brief, Task } from "./types";

export const NOW = Date.parse("2026-03-01T08:00:00.000Z");
export const ME = "Wang Jianguo";

/** A busy machine takes its time: what never happens is what fails. */
export function until(check: () => unknown): Promise<unknown> {
  return vi.waitFor(check, { timeout: 4_000 });
}

export function aTask(id: string, changes: Partial<Task> = {}, brief: Partial<Brief> = {}): Task {
  return {
    id,
    incident_id: `incident-of-${id}`,
    centre: "town",
    grid_code: "990101100001000",
    state: "delivered",
    created_at: "2026-03-01T08:00:00.000Z",
    accepted_at: null,
    on_way_at: null,
    on_scene_at: null,
    done_at: null,
    assignee: null,
    note: "",
    photo_ids: [],
    why: [],
    message: {},
    brief: {
      severity: "P1",
      exercise: false,
      rule_kind: "zone_intrusion",
      rule_name: "",
      source: { id: "cam-1", kind: "camera", name: "East gate", owner: "School" },
      place: "Yard",
      position: { lon: 103.2, lat: 38.6 },
      exact: true,
      grid_path: ["990101000000000", "990101100001000"],
      grid_names: ["County", "Village"],
      evidence_ids: ["e1"],
      captured_at: "2026-03-01T07:59:55.000Z",
      due: {
        accept_by: "2026-03-01T08:02:00.000Z",
        on_scene_by: "2026-03-01T08:30:00.000Z",
        handle_by: "2026-03-01T10:00:00.000Z",
      },
      facts: { count: 2 },
      alerts: 1,
      ...brief,
    },
    ...changes,
  };
}

let seq = 0;

export function anItem(taskId: string, kind: Kind, changes: Partial<Item> = {}): Item {
  seq += 1;
  return {
    seq,
    key: `key-${seq}`,
    by: ME,
    taskId,
    kind,
    at: "2026-03-01T08:00:00.000Z",
    note: "",
    state: "queued",
    tries: 0,
    notBefore: 0,
    ...changes,
  };
}
