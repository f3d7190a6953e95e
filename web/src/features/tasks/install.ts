/** The service worker, which lets these pages open without a network. */
let asked = false;

export function registerWorker(): void {
  if (asked || !("serviceWorker" in navigator) || !import.meta.env.PROD) return;
  asked = true;
  void navigator.serviceWorker.register("/sw.js").catch(() => undefined);
}
