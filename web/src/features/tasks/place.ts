/** Where this phone is, while the page is open and only if its owner likes; it is sent nowhere. */
import { onScopeDispose, ref, shallowRef } from "vue";

import type { LonLat } from "./types";

export type PlaceState = "off" | "asking" | "on" | "refused" | "none";

export function usePlace() {
  const here = shallowRef<LonLat | null>(null);
  const state = ref<PlaceState>("geolocation" in navigator ? "off" : "none");
  let watching: number | undefined;

  function start(): void {
    if (state.value === "none" || watching !== undefined) return;
    state.value = "asking";
    watching = navigator.geolocation.watchPosition(
      ({ coords }) => {
        here.value = { lon: coords.longitude, lat: coords.latitude };
        state.value = "on";
      },
      (error) => {
        if (here.value && error.code !== error.PERMISSION_DENIED) return;
        stop();
        state.value = "refused";
      },
      { maximumAge: 30_000, timeout: 30_000 },
    );
  }

  function stop(): void {
    if (watching !== undefined) navigator.geolocation.clearWatch(watching);
    watching = undefined;
    here.value = null;
  }

  // Who has allowed it before is not asked again.
  void navigator.permissions
    ?.query({ name: "geolocation" })
    .then((said) => said.state === "granted" && start())
    .catch(() => undefined);

  onScopeDispose(stop);
  return { here, state, start };
}
