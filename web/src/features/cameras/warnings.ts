/** What a stream will mean for those who use it, in named words. Pure. */
import type { Probe } from "./types";

export type Warning = "h265" | "bframes" | "long_gop" | "no_keyframe" | "slow" | "large_analysis" | "small" | "no_rate";

export interface Remark {
  name: Warning;
  n: number;
}

/** Longer than this between keyframes: a tile takes so long to begin. */
const GOP_S_MAX = 4;
/** Bounds of what is sensible to analyse, in pixels of width. */
const ANALYSED_PX_MAX = 1280;
const SEEN_PX_MIN = 320;
const FPS_MIN = 5;

/** `analysed`: a model looks at this stream (the sub-stream, or a main stream without one). */
export function remarksOn(probe: Probe, analysed: boolean): Remark[] {
  if (!probe.reachable) return [];
  const { codec, width, fps, gop, reordered } = probe;
  const found: (Remark | false)[] = [
    codec === "h265" && { name: "h265", n: 0 },
    reordered === true && { name: "bframes", n: 0 },
    gop === null && { name: "no_keyframe", n: 0 },
    gopSeconds(probe) > GOP_S_MAX && { name: "long_gop", n: Math.round(gopSeconds(probe)) },
    !fps && { name: "no_rate", n: 0 },
    Boolean(fps && fps < FPS_MIN) && { name: "slow", n: fps ?? 0 },
    analysed && (width ?? 0) > ANALYSED_PX_MAX && { name: "large_analysis", n: width ?? 0 },
    (width ?? SEEN_PX_MIN) < SEEN_PX_MIN && { name: "small", n: width ?? 0 },
  ];
  return found.filter((remark): remark is Remark => remark !== false);
}

/** Seconds from keyframe to keyframe, 0 where it is not known. */
export function gopSeconds({ gop, fps }: Probe): number {
  return gop && fps ? gop / fps : 0;
}
