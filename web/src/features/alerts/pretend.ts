/** The desk's surroundings as its tests make them: alerts, a hub that answers when told to, a feed. */
import { VueQueryPlugin } from "@tanstack/vue-query";
import { mount } from "@vue/test-utils";
import { vi } from "vitest";
import { defineComponent } from "vue";

import { feed } from "@/api/feed";
import { queryClient } from "@/api/queries";
import { i18n } from "@/i18n";

import { fromFeed, type Alert, type Severity } from "./alert";

/** An alert as the feed tells it: the columns of its table. */
export function rowOf(id: string, severity: Severity, second: number): Record<string, unknown> {
  return {
    id, severity, rule_id: "r", rule_kind: "zone_intrusion", source: id, source_kind: "camera", place: "", policy: "verify_first",
    life: "pending", ack: "unacked", verdict: null, camera_grid: "g", event_grid: null, grid_code: "g", grid_path: ["a", "g"],
    grid_why: "not_calibrated", grid_confidence: 0.4, secondary: [["h", "civil", 0.25]], lon: 120.5, lat: 37, box: [0.1, 0.2, 0.3, 0.4],
    picture_point: null, captured_at: second, raised_at: second, updated_at: second, cleared_at: null, dwell_s: 1, group_wait_s: 0,
    findings: 1, evidence_id: null, incident_id: null, facts: {}, exercise: false, version: 1, merged_into: null,
  };
}

export function alertOf(id: string, severity: Severity, second: number, more: Partial<Alert> = {}): Alert {
  return { ...fromFeed(rowOf(id, severity, second)), ...more };
}

/** A question to the hub that waits for its answer. */
export interface Asked {
  method: string;
  path: string;
  query: Record<string, string>;
  body: () => Promise<unknown>;
  answer: (body: unknown, status?: number) => Promise<void>;
}

/** Every call stays open until the test answers it. */
export function pretendHub(): { asked: Asked[]; last: (path: string) => Asked } {
  const asked: Asked[] = [];
  vi.stubGlobal("fetch", (input: Request | string, init?: RequestInit) => {
    const call = input instanceof Request ? input : new Request(new URL(input, location.origin), init);
    const { pathname, searchParams } = new URL(call.url);
    return new Promise<Response>((resolve, reject) => {
      call.signal.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
      asked.push({
        method: call.method,
        path: pathname.replace("/api/v1", ""),
        query: Object.fromEntries(searchParams),
        body: () => call.clone().json(),
        answer: async (body, status = 200) => {
          const type = status < 400 ? "application/json" : "application/problem+json";
          resolve(new Response(status === 204 ? null : JSON.stringify(body), { status, headers: { "Content-Type": type } }));
          await settled();
        },
      });
    });
  });
  const last = (path: string): Asked => {
    const found = asked.findLast((each) => each.path === path);
    if (!found) throw new Error(`nobody asked for ${path}, only for ${asked.map((each) => each.path).join(" ")}`);
    return found;
  };
  return { asked, last };
}

/** All that follows by itself from what has happened, but no time passes. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
}

let seq = 0;
const line = feed as unknown as { take: (text: string) => void };

export function tell(row: Record<string, unknown>, topic = "alert"): void {
  line.take(JSON.stringify({ seq: ++seq, at: "2026-01-01T00:00:00Z", topic, id: row["id"], body: row }));
}

export function resetFeed(): void {
  line.take(JSON.stringify({ reset: true, seq }));
}

export const PLUGINS = [i18n, [VueQueryPlugin, { queryClient }]] as [typeof i18n, [typeof VueQueryPlugin, object]];

/** What a composable gives inside a component, and how to leave it. */
export function using<T>(use: () => T): { got: T; leave: () => void } {
  let got: T | undefined;
  const page = mount(defineComponent(() => {
    got = use();
    return () => null;
  }), { global: { plugins: PLUGINS } });
  return { got: got as T, leave: () => page.unmount() };
}
