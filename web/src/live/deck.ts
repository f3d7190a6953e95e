/** All tiles of a window over one link: who shows what, and what is known about each picture. */
import { HubClock } from "./clock";
import { WallLink, type LineState, type LinkParts } from "./link";
import { playable, Tile } from "./tile";
import type { Entry, Message, SightState, StateMessage, Wanted } from "./wire";

/** What is known about a tile's picture. Times are UTC seconds. */
export interface Look {
  camera: string;
  state: SightState;
  why: string;
  lastPictureAt: number | null;
  /** Code of the hub's refusal. */
  refused: string | null;
  /** A picture of this stream is on the screen, and came since the window was last hidden. */
  hasPicture: boolean;
  /** When the picture on the screen was captured. */
  shownAt: number | null;
  /** Seconds since the picture on the screen was captured, by the hub's clock. */
  ageS: number | null;
  /** No new picture for so long that it cannot be called moving. */
  still: boolean;
  codec: string;
  role: string;
  dropped: number;
}

export interface DeckHooks {
  look(tile: number, look: Look): void;
  line(state: LineState): void;
  signedOut(): void;
}

interface Seat {
  wanted: Wanted;
  player: Tile;
  /** What was said of this tile alone; over again with the next picture of it. */
  own: StateMessage | null;
  refused: string | null;
  /** This browser cannot play what the hub has: nothing is asked for any more. */
  unplayable: boolean;
  codec: string;
  role: string;
  dropped: number;
}

const UNPLAYABLE = { state: "unsupported", why: "", last_picture_at: null } as const;
const TEND_MS = 200;
const STILL_MS = 6_000;
const LOOK_EVERY = 2;

export class Deck {
  private readonly seats = new Map<number, Seat>();
  private readonly sights = new Map<string, StateMessage>();
  private readonly clock = new HubClock();
  private readonly link: WallLink;
  private timer: ReturnType<typeof setInterval> | undefined;
  private turns = 0;
  /** A hidden window is given no pictures: what it missed is no standstill. */
  private visibleMs = performance.now();
  private telling = false;

  constructor(
    private readonly hooks: DeckHooks,
    parts?: LinkParts,
  ) {
    const linkHooks = {
      message: (message: Message) => this.hear(message),
      entry: (entry: Entry) => this.take(entry),
      line: (state: LineState) => this.onLine(state),
      signedOut: () => hooks.signedOut(),
    };
    this.link = new WallLink(linkHooks, playable(), parts);
  }

  /** Begin, or begin anew after the hub has ended the line for want of a session. */
  start(): void {
    this.link.start();
    if (this.timer) return;
    this.timer = setInterval(() => this.turn(), TEND_MS);
    document.addEventListener("visibilitychange", this.onVisible);
    this.onVisible();
    for (const { wanted, player } of [...this.seats.values()]) this.show(wanted, player.video);
  }

  /** Every picture goes; a later `start` shows the same tiles again. */
  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    document.removeEventListener("visibilitychange", this.onVisible);
    for (const seat of this.seats.values()) seat.player.destroy();
    this.link.stop();
  }

  /** Show a stream in a video element, in place of what that tile showed. */
  show(wanted: Wanted, video: HTMLVideoElement): void {
    this.seats.get(wanted.tile)?.player.destroy();
    const player = new Tile(video, () => this.link.reopen(wanted.tile));
    this.seats.set(wanted.tile, { wanted, player, own: null, refused: null, unplayable: false, codec: "", role: "", dropped: 0 });
    this.tell();
  }

  hide(tile: number): void {
    this.seats.get(tile)?.player.destroy();
    if (this.seats.delete(tile)) this.tell();
  }

  /** The hub's time, UTC seconds; the machine's own until the hub has told it. */
  now(): number {
    return this.clock.at(performance.now()) ?? Date.now() / 1000;
  }

  private readonly onVisible = (): void => {
    // Both when it is hidden and when it is shown again: what came on its way out is as old.
    for (const seat of this.seats.values()) seat.player.rest();
    if (document.visibilityState === "hidden") return this.link.pause();
    this.clock.forget();
    this.visibleMs = performance.now();
    this.link.resume();
  };

  /** Many tiles change at once: they are told together. */
  private tell(): void {
    if (this.telling) return;
    this.telling = true;
    queueMicrotask(() => {
      this.telling = false;
      this.link.want([...this.seats.values()].filter((seat) => !seat.unplayable).map((seat) => seat.wanted));
    });
  }

  private hear(message: Message): void {
    if (message.op === "pulse") return this.pulse(message.now, message.dropped);
    if (message.op === "state" && message.tile === undefined) {
      this.sights.set(message.camera, message);
      return this.look();
    }
    const seat = this.seats.get(message.tile as number);
    if (!seat) return;
    if (message.op === "refused") seat.refused = message.code;
    // A message about what this tile showed before may still be under way.
    else if (message.camera !== seat.wanted.camera) return;
    else if (message.op === "state") seat.own = message;
    else {
      seat.own = seat.refused = null;
      seat.codec = message.codec;
      seat.role = message.role;
      if (!seat.player.begin(message)) this.giveWay(seat);
    }
    this.look();
  }

  /** The main stream may be of a form that only few browsers play; the sub-stream is plainer. */
  private giveWay(seat: Seat): void {
    if (seat.role === "main") seat.wanted = { ...seat.wanted, role: "sub" };
    else seat.unplayable = true;
    this.tell();
  }

  private take(entry: Entry): void {
    const seat = this.seats.get(entry.tile);
    if (!seat) return;
    if (entry.kind === "fragment") seat.own = null;
    seat.player.push(entry);
  }

  private pulse(now: number, dropped: Record<string, number>): void {
    this.clock.pulse(now, performance.now());
    for (const [tile, count] of Object.entries(dropped)) {
      const seat = this.seats.get(Number(tile));
      if (seat) seat.dropped = count;
    }
  }

  private onLine(state: LineState): void {
    // What was known of the cameras is news of yesterday until the hub says it again.
    if (state === "live") this.sights.clear();
    this.hooks.line(state);
    this.look();
  }

  private turn(): void {
    for (const seat of this.seats.values()) seat.player.tend();
    if (++this.turns % LOOK_EVERY === 0) this.look();
  }

  private look(): void {
    for (const [tile, seat] of this.seats) this.hooks.look(tile, this.lookOf(seat));
  }

  private lookOf(seat: Seat): Look {
    const sight = seat.unplayable ? UNPLAYABLE : (seat.own ?? this.sights.get(seat.wanted.camera));
    const { shownAt, current } = seat.player;
    const now = this.clock.at(performance.now());
    return {
      camera: seat.wanted.camera,
      state: sight?.state ?? "connecting",
      why: seat.unplayable ? seat.codec : (sight?.why ?? ""),
      // The pictures of a frozen camera go on coming, and show what it last saw.
      lastPictureAt: latest(sight?.state === "frozen" ? null : shownAt, sight?.last_picture_at ?? null),
      refused: seat.refused,
      hasPicture: shownAt !== null && current,
      shownAt,
      still: performance.now() - Math.max(seat.player.changedMs, this.visibleMs) > STILL_MS,
      ageS: shownAt === null || now === null ? null : Math.max(0, now - shownAt),
      codec: seat.codec,
      role: seat.role,
      dropped: seat.dropped,
    };
  }
}

function latest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}
