/**
 * How far the picture lies behind and what to do about it. Pure.
 *
 * A decoder that is flushed again and again shows nothing: so we catch up by playing slightly
 * faster, and jump only when truly behind.
 */

export interface Span {
  start: number;
  end: number;
}

export interface Standing {
  /** Where the picture is, media seconds. */
  at: number;
  /** What is buffered, in order. */
  spans: readonly Span[];
  rate: number;
  /** Newest keyframe that was appended, media seconds. */
  keyframeAt: number | null;
  /** Newest picture that was appended, media seconds. */
  newestAt: number | null;
  /** Where to begin was chosen. */
  begun: boolean;
}

export type Step = { kind: "stay" } | { kind: "rate"; rate: number } | { kind: "seek"; to: number };

/** Above this we play faster ... */
const SLOW_ABOVE_S = 0.6;
const FAST_ABOVE_S = 1.2;
/** ... at these rates: two seconds late is half a second late again within ten. */
const SLOW = 1.1;
const FAST = 1.25;
/** ... until we are as near as this. */
const GOOD_BELOW_S = 0.35;
const JUMP_ABOVE_S = 3;
/** Left between us and the newest picture after a jump, so that the next one does not stall. */
const REST_S = 0.2;
/** Two spans nearer than this are one: browsers bridge it. */
const SEAM_S = 0.1;

/** A seek to the very start of a span can land before it by rounding, and then never ends. */
const INSIDE_S = 0.02;

/** The buffer's last picture is said to last as long as the longest gap lately; we count it as one of ten a second. */
const PICTURE_S = 0.1;

const STAY: Step = { kind: "stay" };

export function nextStep(now: Standing): Step {
  const last = now.spans.at(-1);
  if (!last) return STAY;
  if (!now.begun) return begin(now, last);
  const here = now.spans.find((span) => now.at >= span.start - SEAM_S && now.at <= span.end + SEAM_S);
  // In a hole, or at the end of a span while newer ones wait behind a gap: over it, no further.
  if (!here || (here !== last && now.at >= here.end - SEAM_S)) return seekTo(now, beyond(now, here, last));
  const behind = edge(now, last) - now.at;
  if (behind > JUMP_ABOVE_S) return seekTo(now, newest(now, last));
  return paceFor(behind, now.rate);
}

/** The rate for a distance in seconds; between the bounds it stays what it is. */
export function paceFor(behind: number, rate: number): Step {
  let wanted = rate;
  if (behind > FAST_ABOVE_S) wanted = FAST;
  else if (behind > SLOW_ABOVE_S) wanted = Math.max(rate, SLOW);
  else if (behind < GOOD_BELOW_S) wanted = 1;
  return wanted === rate ? STAY : { kind: "rate", rate: wanted };
}

/** The whole last group of pictures is there: the decoder runs through it once, and shows the end. */
function begin(now: Standing, last: Span): Step {
  const end = edge(now, last);
  const near = now.at >= last.start && now.at <= last.end && end - now.at <= SLOW_ABOVE_S;
  return near ? STAY : { kind: "seek", to: inside(last, end - REST_S) };
}

/** A stream with many small holes (a camera that stutters) is not to lose what lies between them. */
function beyond(now: Standing, here: Span | undefined, last: Span): number {
  const next = now.spans.find((span) => span !== here && span.start > now.at);
  return next && last.end - next.start <= JUMP_ABOVE_S ? inside(next, next.start) : newest(now, last);
}

function newest(now: Standing, last: Span): number {
  const { keyframeAt } = now;
  const near = keyframeAt !== null && keyframeAt >= last.start && last.end - keyframeAt <= JUMP_ABOVE_S;
  return near ? inside(last, keyframeAt) : inside(last, edge(now, last) - REST_S);
}

/** Where the newest picture is, as against where the buffer says that it ends. */
function edge(now: Standing, last: Span): number {
  return now.newestAt === null ? last.end : Math.min(last.end, now.newestAt + PICTURE_S);
}

function inside(span: Span, at: number): number {
  return Math.min(Math.max(at, span.start + INSIDE_S), Math.max(span.start, span.end - INSIDE_S));
}

function seekTo(now: Standing, to: number): Step {
  // Backwards only out of a hole: never show what was shown already.
  return Math.abs(to - now.at) < 0.01 ? STAY : { kind: "seek", to };
}

/** What can go from the buffer: older than ten seconds, once twenty have gathered. */
export function oldPart(spans: readonly Span[], at: number): Span | null {
  const first = spans[0];
  if (!first || at - first.start < 20) return null;
  return { start: 0, end: at - 10 };
}
