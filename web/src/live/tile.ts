/** One tile: fragments into a video element by Media Source Extensions. */
import { nextStep, oldPart, type Span } from "./drift";
import { onNextFrame } from "./frames";
import { Moments } from "./moments";
import type { Entry, TileMessage } from "./wire";

declare global {
  interface Window {
    ManagedMediaSource?: typeof MediaSource;
  }
}

/** What waits for the buffer; beyond it everything goes, up to the next keyframe. */
const WAITING_BYTES_MAX = 8 << 20;

/** Calls of `tend`. */
const SEEK_TURNS_MAX = 10;

export function mediaSource(): typeof MediaSource | undefined {
  return globalThis.MediaSource ?? globalThis.window?.ManagedMediaSource;
}

/** The codecs that the hub may send us, as the wall's socket names them. */
export function playable(): string[] {
  const source = mediaSource();
  const plays = (codec: string) => source?.isTypeSupported(`video/mp4; codecs="${codec}"`) ?? false;
  const codecs: string[] = [];
  if (plays("avc1.4d401f")) codecs.push("h264");
  if (plays("hvc1.1.6.L93.B0")) codecs.push("hevc");
  return codecs;
}

export class Tile {
  private source: MediaSource | null = null;
  private buffer: SourceBuffer | null = null;
  private address = "";
  private mime = "";
  private waiting: Uint8Array<ArrayBuffer>[] = [];
  private waitingBytes = 0;
  private lost = false;
  private keyframeAt: number | null = null;
  private newestAt: number | null = null;
  private begun = false;
  private readonly moments = new Moments();
  private offFrame: () => void = () => undefined;
  private seekTurns = 0;
  /** UTC seconds at which the picture on the screen was captured. */
  shownAt: number | null = null;
  /** Whether it came since the last `rest`. */
  current = false;
  /** When it came onto the screen (`performance.now()`). */
  changedMs = performance.now();

  /** `broken`: the player cannot go on, the stream has to be begun anew. */
  constructor(
    readonly video: HTMLVideoElement,
    private readonly broken: () => void,
  ) {
    video.muted = true;
    video.playsInline = true;
    video.disableRemotePlayback = true; // Safari gives a managed source to no other element
    video.addEventListener("error", this.onError);
    this.watchFrames();
  }

  /**
   * A stream begins (or begins anew in another form): what was buffered goes. Returns whether this
   * very codec can be played; of its family the hub knows that.
   */
  begin(message: TileMessage): boolean {
    this.letGo();
    const Source = mediaSource();
    this.mime = `video/mp4; codecs="${message.codec}"`;
    if (!Source?.isTypeSupported(this.mime)) return false;
    this.source = new Source();
    this.source.addEventListener("sourceopen", this.onOpen, { once: true });
    this.address = URL.createObjectURL(this.source);
    this.video.src = this.address;
    return true;
  }

  /** An initialisation segment or a fragment. */
  push(entry: Entry): void {
    if (!this.source) return;
    if (this.lost && !entry.keyframe && entry.kind === "fragment") return;
    this.lost = false;
    if (this.waitingBytes + entry.bytes.length > WAITING_BYTES_MAX) return this.overflow();
    if (entry.kind === "fragment") {
      this.moments.add(entry.mediaS, entry.capturedAt);
      if (entry.keyframe) this.keyframeAt = entry.mediaS;
      this.newestAt = entry.mediaS;
    }
    this.waiting.push(entry.bytes);
    this.waitingBytes += entry.bytes.length;
    this.append();
  }

  /** Keep up with the stream; called some times a second. */
  tend(): void {
    const { video } = this;
    if (!this.buffer || video.readyState === HTMLMediaElement.HAVE_NOTHING || this.isSeeking()) return;
    const spans = spansOf(this.buffer);
    if (!spans.length) return;
    const step = nextStep({
      at: video.currentTime,
      spans,
      rate: video.playbackRate,
      keyframeAt: this.keyframeAt,
      newestAt: this.newestAt,
      begun: this.begun,
    });
    if (step.kind === "rate") video.playbackRate = step.rate;
    if (step.kind === "seek") video.currentTime = step.to;
    // Once only: a decoder may hold a second of pictures before it gives the first.
    this.begun = true;
    if (video.paused) void video.play().catch(() => undefined); // refused while hidden; tried again
  }

  /** A seek takes as long as it takes, but one into a place that is gone would never end. */
  private isSeeking(): boolean {
    this.seekTurns = this.video.seeking ? this.seekTurns + 1 : 0;
    return this.seekTurns > 0 && this.seekTurns < SEEK_TURNS_MAX;
  }

  /** The picture on the screen, and whatever else came so far, is not of now any more: only what comes next is. */
  rest(): void {
    this.current = false;
    this.moments.clear();
  }

  destroy(): void {
    this.video.removeEventListener("error", this.onError);
    this.offFrame();
    this.letGo();
  }

  private readonly onOpen = (): void => {
    if (this.source?.readyState !== "open") return;
    this.buffer = this.source.addSourceBuffer(this.mime);
    this.buffer.mode = "segments";
    this.buffer.addEventListener("updateend", this.onUpdated);
    this.append();
  };

  private readonly onUpdated = (): void => {
    if (!this.begun) this.tend();
    this.append();
  };

  private readonly onError = (): void => {
    if (this.source) this.broken();
  };

  private append(): void {
    const { buffer, source } = this;
    if (!buffer || buffer.updating || source?.readyState !== "open") return;
    const old = oldPart(spansOf(buffer), this.video.currentTime);
    try {
      if (old) buffer.remove(old.start, old.end);
      else if (this.waiting.length) buffer.appendBuffer(this.takeWaiting());
    } catch (error) {
      if (error instanceof DOMException && error.name === "QuotaExceededError") this.makeRoom(buffer);
      else this.broken();
    }
  }

  /** All that waits as one piece: sixteen tiles at 25 pictures a second are many small appends. */
  private takeWaiting(): Uint8Array<ArrayBuffer> {
    const [first, ...more] = this.waiting;
    let whole = first ?? new Uint8Array();
    if (more.length) {
      whole = new Uint8Array(this.waitingBytes);
      let at = 0;
      for (const piece of this.waiting) {
        whole.set(piece, at);
        at += piece.length;
      }
    }
    this.waiting = [];
    this.waitingBytes = 0;
    return whole;
  }

  private makeRoom(buffer: SourceBuffer): void {
    this.lost = true;
    if (this.video.currentTime > 1) buffer.remove(0, this.video.currentTime - 0.5);
    else this.broken();
  }

  private overflow(): void {
    this.waiting = [];
    this.waitingBytes = 0;
    this.lost = true;
    if (this.source && !this.buffer) this.broken(); // the initialisation segment went with it
  }

  private watchFrames(): void {
    this.offFrame = onNextFrame(this.video, (mediaS) => {
      const capturedAt = this.moments.at(mediaS);
      if (capturedAt !== null) {
        this.shownAt = capturedAt;
        this.current = true;
      }
      this.changedMs = performance.now();
      this.watchFrames();
    });
  }

  private letGo(): void {
    this.buffer?.removeEventListener("updateend", this.onUpdated);
    this.source?.removeEventListener("sourceopen", this.onOpen);
    this.source = this.buffer = null;
    this.waiting = [];
    this.waitingBytes = 0;
    this.lost = this.begun = false;
    this.keyframeAt = this.shownAt = null;
    this.moments.clear();
    if (!this.address) return;
    URL.revokeObjectURL(this.address);
    this.address = "";
    this.video.removeAttribute("src");
    this.video.load();
  }
}

function spansOf(buffer: SourceBuffer): Span[] {
  const { buffered } = buffer;
  return Array.from({ length: buffered.length }, (_, i) => ({ start: buffered.start(i), end: buffered.end(i) }));
}
