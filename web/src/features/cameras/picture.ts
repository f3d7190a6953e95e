/** The newest picture of a camera. The hub writes down who looked, and why. */
import { onScopeDispose, shallowRef, watch } from "vue";

import type { Problem } from "@/api/client";

import type { components } from "@/api/schema";

import type { Role } from "./data";

export type LookReason = components["schemas"]["LookReason"];

export interface Still {
  url: string;
  /** When it was captured, ms since 1970. */
  at: number | null;
}

/** A camera that was just registered or switched on has its first picture some seconds later. */
const SOON = ["not_watched", "worker_gone", "no_picture"];
const AGAIN_MS = 5_000;

/** Loads one picture at once and another at each `load`; pictures let go of are freed. */
export function useStill(id: () => string, role: Role = "main", reason: LookReason = "maintenance") {
  const still = shallowRef<Still | null>(null);
  const problem = shallowRef<Problem | null>(null);
  const loading = shallowRef(false);
  let latest = 0;
  let again: ReturnType<typeof setTimeout> | undefined;

  function show(next: Still | null): void {
    if (still.value) URL.revokeObjectURL(still.value.url);
    still.value = next;
  }

  async function load(): Promise<void> {
    const mine = ++latest;
    loading.value = true;
    clearTimeout(again);
    const got = await fetchStill(id(), role, reason);
    if (mine !== latest) {
      if ("url" in got) URL.revokeObjectURL(got.url);
      return;
    }
    loading.value = false;
    problem.value = "url" in got ? null : got;
    if ("url" in got) show(got);
    else if (SOON.includes(got.code) && !still.value) again = setTimeout(() => void load(), AGAIN_MS);
  }

  watch(id, () => {
    show(null);
    void load();
  }, { immediate: true });
  onScopeDispose(() => {
    latest = -1;
    clearTimeout(again);
    show(null);
  });
  return { still, problem, loading, load };
}

async function fetchStill(id: string, role: Role, reason: LookReason): Promise<Still | Problem> {
  const none = { status: 0, code: "unreachable", title: "", detail: "", errors: [] };
  try {
    const path = `/api/v1/cameras/${encodeURIComponent(id)}/picture?role=${role}&reason=${reason}`;
    const response = await fetch(path, { credentials: "same-origin" });
    if (!response.ok) {
      const said = (await response.json().catch(() => ({}))) as Partial<Problem>;
      return { ...none, ...said, status: response.status };
    }
    const at = Date.parse(response.headers.get("last-modified") ?? "");
    return { url: URL.createObjectURL(await response.blob()), at: Number.isNaN(at) ? null : at };
  } catch {
    return none;
  }
}
