/** Media sources, frames and peers as far as the tests of the live video need them. */

export class PretendedBuffer extends EventTarget {
  mode = "";
  updating = false;
  appended: number[] = [];
  removed: [number, number][] = [];
  /** Where its media is, seconds. */
  spans: [number, number][] = [];
  /** Thrown by the next append. */
  refuses: Error | null = null;

  get buffered(): TimeRanges {
    const { spans } = this;
    return { length: spans.length, start: (i: number) => spans[i]?.[0] ?? 0, end: (i: number) => spans[i]?.[1] ?? 0 };
  }
  appendBuffer(bytes: Uint8Array): void {
    const refused = this.refuses;
    this.refuses = null;
    if (refused) throw refused;
    this.appended.push(bytes.length);
    this.updating = true;
  }
  remove(start: number, end: number): void {
    this.removed.push([start, end]);
    this.updating = true;
  }
  done(): void {
    this.updating = false;
    this.dispatchEvent(new Event("updateend"));
  }
}

export class PretendedSource extends EventTarget {
  static made: PretendedSource[] = [];
  static plays = (mime: string): boolean => !mime.includes("avc1.6e");
  static isTypeSupported(mime: string): boolean {
    return PretendedSource.plays(mime);
  }
  readyState = "closed";
  readonly buffer = new PretendedBuffer();
  mime = "";

  constructor() {
    super();
    PretendedSource.made.push(this);
  }
  addSourceBuffer(mime: string): PretendedBuffer {
    this.mime = mime;
    return this.buffer;
  }
  open(): PretendedBuffer {
    this.readyState = "open";
    this.dispatchEvent(new Event("sourceopen"));
    return this.buffer;
  }
}

/** A video element whose frames the test draws. */
export class PretendedVideo extends EventTarget {
  muted = false;
  playsInline = false;
  disableRemotePlayback = false;
  src = "";
  currentTime = 0;
  playbackRate = 1;
  readyState = 4;
  seeking = false;
  paused = true;
  private frame: ((now: number, frame: { mediaTime: number }) => void) | null = null;

  requestVideoFrameCallback(call: (now: number, frame: { mediaTime: number }) => void): number {
    this.frame = call;
    return 1;
  }
  cancelVideoFrameCallback(): void {
    this.frame = null;
  }
  draw(mediaTime: number): void {
    this.frame?.(0, { mediaTime });
  }
  play(): Promise<void> {
    this.paused = false;
    return Promise.resolve();
  }
  removeAttribute(): void {
    this.src = "";
  }
  load(): void {
    this.paused = true;
  }
}
