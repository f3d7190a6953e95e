/** What must still be mended before a drawing can be saved. Pure. */
import type { Shapes } from "./editor";
import { spansGround } from "./geometry";

export type Unready = "few_ground" | "no_place" | "bad_place" | "one_line";

export function unready({ ground }: Shapes): Unready | null {
  if (ground.length === 0) return null;
  if (ground.some((point) => !Number.isFinite(point.lon) || !Number.isFinite(point.lat))) return "no_place";
  if (ground.some((point) => Math.abs(point.lon) > 180 || Math.abs(point.lat) > 90)) return "bad_place";
  if (ground.length < 4) return "few_ground";
  return spansGround(ground.map((point) => [point.x, point.y])) ? null : "one_line";
}
