/** The service worker, which lets these pages open without a network, and brings newer ones. */
import { outgrow } from "@/app/renew";

import { sending, unkept } from "./phone";

/** An app that is never closed looks for newer pages when it is shown, at most so often. */
const LOOK_EVERY_MS = 3_600_000;
let asked = false;

export function registerWorker(): void {
  if (asked || !("serviceWorker" in navigator) || !import.meta.env.PROD) return;
  asked = true;
  const { serviceWorker } = navigator;
  watchFor(serviceWorker);
  void serviceWorker.register("/sw.js").then(lookAgain).catch(() => undefined);
}

/** A worker that takes over from another one has newer pages; the first one has those that are open. */
function watchFor(serviceWorker: ServiceWorkerContainer): void {
  let before = serviceWorker.controller;
  serviceWorker.addEventListener("controllerchange", () => {
    if (before) outgrow(mayGo);
    before = serviceWorker.controller;
  });
}

/** What is on its way is not begun again, and what is kept nowhere stays. */
function mayGo(): boolean {
  return sending.value === null && !unkept.value;
}

function lookAgain(registration: ServiceWorkerRegistration): void {
  let lookedMs = performance.now();
  document.addEventListener("visibilitychange", () => {
    const now = performance.now();
    if (document.visibilityState === "hidden" || now - lookedMs < LOOK_EVERY_MS) return;
    lookedMs = now;
    void registration.update().catch(() => undefined);
  });
}
