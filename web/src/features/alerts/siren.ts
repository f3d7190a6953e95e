/** The sound of P1: repeats until nobody has to be told any more, and then stops at once. */

export const EVERY_MS = 2_500;
const NOTES_HZ = [880, 660, 880];
const NOTE_S = 0.16;

/** What of WebAudio is used; a test hands in its own. */
export interface Voice {
  readonly allowed: boolean;
  /** Ask the browser; works only within a click or a key. */
  unlock: () => Promise<void>;
  play: () => void;
  hush: () => void;
}

export class BrowserVoice implements Voice {
  private context: AudioContext | null = null;
  private playing: OscillatorNode[] = [];

  get allowed(): boolean {
    return this.context?.state === "running";
  }

  async unlock(): Promise<void> {
    this.context ??= new AudioContext();
    if (this.context.state !== "running") await this.context.resume();
  }

  play(): void {
    const context = this.context;
    if (!context || context.state !== "running") return;
    const volume = new GainNode(context, { gain: 0.25 });
    volume.connect(context.destination);
    this.playing = NOTES_HZ.map((frequency, index) => {
      const note = new OscillatorNode(context, { frequency, type: "square" });
      note.connect(volume);
      note.start(context.currentTime + index * NOTE_S);
      note.stop(context.currentTime + (index + 1) * NOTE_S);
      return note;
    });
  }

  hush(): void {
    for (const note of this.playing) note.disconnect();
    this.playing = [];
  }
}

export class Siren {
  private timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly voice: Voice) {}

  /** Sound, or not; saying the same twice changes nothing. */
  set(sounding: boolean): void {
    if (!sounding) {
      clearInterval(this.timer);
      this.timer = undefined;
      this.voice.hush();
    } else if (this.timer === undefined) {
      this.voice.play();
      this.timer = setInterval(() => this.voice.play(), EVERY_MS);
    }
  }
}

const key = (who: string): string => `hub.siren.${who}`;

/** On unless this person has switched it off on this machine. */
export function wantsSound(who: string): boolean {
  return localStorage.getItem(key(who)) !== "off";
}

export function setWantsSound(who: string, on: boolean): void {
  localStorage.setItem(key(who), on ? "on" : "off");
}
