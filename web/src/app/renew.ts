/**
 * A window outlives the build it was loaded with, whose files go when the hub is renewed. One that
 * lacks a file begins anew at the address it was going to.
 */
import { ref } from "vue";

import { limit, request } from "@/api/client";

/** Where to begin anew by hand: something that it takes cannot be loaded. */
export const lacking = ref<string | null>(null);

const TRIED = "hub.anew";
const PATIENCE_MS = 5_000;
/** What a page was still keeping when it was left, a photo at the most, is kept by then. */
const KEEPING_MS = 5_000;

let arrivedMs = performance.now();
let mayGo: (() => boolean) | null = null;

/** What `address` takes was not loaded. */
export async function beginAnew(address: string): Promise<void> {
  // Loaded anew and lacking still: doing so again would go on for ever. Without a hub it helps nobody.
  if (sessionStorage.getItem(TRIED) === address || !(await isThere())) {
    lacking.value = address;
    return;
  }
  sessionStorage.setItem(TRIED, address);
  location.assign(address);
}

async function isThere(): Promise<boolean> {
  const answer = await request("/", { cache: "no-store", signal: limit(PATIENCE_MS) });
  return answer.kind === "ok";
}

/** A page was opened, with all it takes. */
export function arrive(): void {
  sessionStorage.removeItem(TRIED);
  lacking.value = null;
  arrivedMs = performance.now();
}

/** Newer pages than this window's are there; `may`: nothing is lost by taking them at this moment. */
export function outgrow(may: () => boolean): void {
  mayGo = may;
}

/** Whether this window is older than the pages, and may be loaded anew now. */
export function isOutgrown(): boolean {
  return mayGo !== null && performance.now() - arrivedMs > KEEPING_MS && mayGo();
}
