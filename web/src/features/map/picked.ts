/** What the pop-over shows. */
import type { LonLat } from "./datum";

export type Picked =
  | { kind: "camera"; id: string }
  | { kind: "sensor"; id: string }
  /** Several at one place. */
  | { kind: "cameras"; ids: readonly string[] }
  | { kind: "alerts"; ids: readonly string[] }
  /** A point of the ground: its grids, and the cameras near it. */
  | { kind: "near"; at: LonLat };
