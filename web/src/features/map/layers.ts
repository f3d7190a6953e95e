/** Which layers are on, remembered in this browser. */
import { reactive, watch } from "vue";

export const LAYERS = ["civil", "police", "dedicated", "names", "cameras", "cones", "sensors", "alerts"] as const;
export type Layer = (typeof LAYERS)[number];

export interface Chosen {
  on: Record<Layer, boolean>;
  /** Name of the base map, empty for none; null: nobody has chosen. */
  base: string | null;
}

const KEY = "hub.map.layers";

/** What was kept; unknown words of another version are passed over. */
export function chosenFrom(text: string | null): Chosen {
  const on = Object.fromEntries(LAYERS.map((layer) => [layer, layer !== "police"])) as Record<Layer, boolean>;
  const kept = parsed(text);
  for (const layer of LAYERS) {
    const value = kept.on?.[layer];
    if (typeof value === "boolean") on[layer] = value;
  }
  return { on, base: typeof kept.base === "string" ? kept.base : null };
}

function parsed(text: string | null): Partial<Chosen> {
  try {
    const kept: unknown = JSON.parse(text ?? "{}");
    return typeof kept === "object" && kept !== null ? kept : {};
  } catch {
    return {};
  }
}

export function useLayers(): Chosen {
  const chosen = reactive(chosenFrom(localStorage.getItem(KEY)));
  watch(chosen, (now) => localStorage.setItem(KEY, JSON.stringify(now)));
  return chosen;
}
