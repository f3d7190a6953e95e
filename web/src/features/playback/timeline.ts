/** Where things lie on the time line of a clip, and on the picture in its frame. */
import type { components } from "@/api/schema";

export type Clip = components["schemas"]["ClipOut"];
export type Mark = components["schemas"]["MarkOut"];

type Story = components["schemas"]["StoryOut"];

/** A clip is written when its post-roll has come; later than this after its alert it will not come any more. */
const CLIP_COMES_MS = 60_000;

export function clipMayCome({ alert, evidence }: Pick<Story, "evidence"> & { alert: Pick<Story["alert"], "raised_at"> }, now: number): boolean {
  return !evidence?.clip && now - Date.parse(alert.raised_at) < CLIP_COMES_MS;
}

export const SPEEDS = [0.25, 0.5, 1, 2, 4] as const;

export interface PlacedMark {
  mark: Mark;
  /** Seconds from the clip's beginning. */
  atS: number;
  /** Share of the time line, 0 to 1. */
  share: number;
}

/** The marks that lie within the clip, in their order; none where its beginning is not known. */
export function placed(clip: Clip, durationS: number): PlacedMark[] {
  if (!clip.starts_at || !(durationS > 0)) return [];
  const start = Date.parse(clip.starts_at);
  return clip.marks
    .map((mark) => ({ mark, atS: (Date.parse(mark.at) - start) / 1000 }))
    .filter(({ atS }) => atS >= 0 && atS <= durationS)
    .sort((one, other) => one.atS - other.atS)
    .map(({ mark, atS }) => ({ mark, atS, share: atS / durationS }));
}

/** How long a mark's box stays on the picture, to either side (s). */
export const BOX_S = 0.6;

/** The boxes to show at a moment of the clip. */
export function boxesAt(marks: readonly PlacedMark[], atS: number) {
  return marks.flatMap(({ mark, atS: at }) => {
    const { box } = mark;
    if (!box || Math.abs(at - atS) > BOX_S) return [];
    return [{ x: box.x1, y: box.y1, width: box.x2 - box.x1, height: box.y2 - box.y1 }];
  });
}

/** The next or the previous mark from here; null at the end. */
export function markFrom(marks: readonly PlacedMark[], atS: number, step: 1 | -1): PlacedMark | null {
  const beyond = marks.filter((each) => (step > 0 ? each.atS > atS + 0.05 : each.atS < atS - 0.05));
  return (step > 0 ? beyond[0] : beyond.at(-1)) ?? null;
}

/**
 * One picture on or back. It aims at the middle of the picture, since a player shows the one whose
 * time it is at: the edge between two would be a matter of rounding.
 */
export function stepped(atS: number, step: 1 | -1, frameS: number, durationS: number): number {
  const frame = Math.floor(atS / frameS + 1e-3) + step;
  return Math.min(Math.max(0, durationS - frameS / 2), Math.max(0, (frame + 0.5) * frameS));
}

/** The time between two pictures from the times they were shown at; the usual one until known. */
export function frameSeconds(times: readonly number[], usual = 0.04): number {
  const gaps = times.slice(1).map((time, index) => time - (times[index] as number)).filter((gap) => gap > 0.005 && gap < 1);
  if (gaps.length < 3) return usual;
  return gaps.sort((one, other) => one - other)[gaps.length >> 1] as number;
}

export function speedFrom(speed: number, step: 1 | -1): number {
  const at = SPEEDS.findIndex((each) => each === speed);
  return SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, at + step))] ?? 1;
}

/** Where a picture lies in a frame of 16:9 that shows the whole of it, in shares. */
export function inFrame(ratio: number, frame = 16 / 9) {
  const width = Math.min(1, ratio / frame);
  const height = Math.min(1, frame / ratio);
  return { left: (1 - width) / 2, top: (1 - height) / 2, width, height };
}

/** Minutes, seconds and tenths: `0:07.4`. */
export function clipTime(s: number): string {
  const tenths = Math.floor(Math.max(0, s) * 10 + 1e-6);
  const minutes = Math.floor(tenths / 600);
  return `${minutes}:${String(Math.floor(tenths / 10) % 60).padStart(2, "0")}.${tenths % 10}`;
}
