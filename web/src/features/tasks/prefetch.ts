/** What a task needs where the network is not. */
import { session } from "@/api/session";

import { outlineOf } from "./outline";
import { PICTURES } from "./store";
import type { Task } from "./types";
import { evidenceOf } from "./words";

const PREFETCH_MAX = 20;
const GRIDS_MAX = 10;

/** Outlines and small pictures of what is to be done, so that they are there where the network is not. */
export async function prefetch(found: readonly Task[]): Promise<void> {
  const grids = new Set(found.flatMap((task) => task.grid_code ?? []));
  for (const code of [...grids].slice(0, GRIDS_MAX)) {
    if (session.status === "out") return;
    await outlineOf(code);
  }
  if (!navigator.serviceWorker?.controller || !globalThis.caches) return;
  const kept = await caches.open(PICTURES);
  const wanted = found.flatMap((task) => task.brief.evidence_ids.slice(0, 1)).slice(0, PREFETCH_MAX);
  for (const { small } of wanted.map(evidenceOf)) {
    if (session.status === "out") return;
    // Through the service worker, which keeps it; one after the other, a slow network has others to serve.
    if (!(await kept.match(small))) await fetch(small).catch(() => undefined);
  }
}
