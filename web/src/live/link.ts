/** The wall's one WebSocket: says which tiles are wanted, hands out what comes, comes back after a loss. */
import { backoffMs } from "@/api/backoff";

import { parseMessage, parseTick, type Entry, type Message, type Wanted } from "./wire";

export type LineState = "connecting" | "live" | "lost" | "refused";

export interface LinkHooks {
  message(message: Message): void;
  entry(entry: Entry): void;
  line(state: LineState): void;
  signedOut(): void;
}

export interface LinkParts {
  open: () => WebSocket;
  now: () => number;
  random: () => number;
}

const PROTOCOL = "hub.wall.v1";
const ACK_TICKS = 20;
const ACK_MS = 2_000;
/** The hub's pulse comes each second; a line without one for so long is dead. */
const SILENT_MS = 8_000;
const SIGNED_OUT = 4401;
const FORBIDDEN = 4403;

const BROWSER: LinkParts = {
  open: () => new WebSocket(`${location.origin.replace(/^http/, "ws")}/api/v1/live/wall`, [PROTOCOL]),
  now: () => performance.now(),
  random: Math.random,
};

export class WallLink {
  private socket: WebSocket | null = null;
  private wanted: readonly Wanted[] = [];
  private paused = false;
  private running = false;
  private failures = 0;
  private tick = 0;
  private acked = 0;
  private ackedMs = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  state: LineState = "lost";

  constructor(
    private readonly hooks: LinkHooks,
    private readonly codecs: readonly string[],
    private readonly parts: LinkParts = BROWSER,
  ) {}

  start(): void {
    if (this.running) return;
    this.running = true;
    globalThis.addEventListener?.("online", this.retryNow);
    this.connect();
  }

  stop(): void {
    this.running = false;
    globalThis.removeEventListener?.("online", this.retryNow);
    this.drop();
    this.say("lost");
  }

  /** All tiles from now on. */
  want(tiles: readonly Wanted[]): void {
    this.wanted = tiles;
    this.sendTiles(tiles);
  }

  /** Begin one tile anew: its player could not go on. */
  reopen(tile: number): void {
    this.sendTiles(this.wanted.filter((each) => each.tile !== tile));
    this.sendTiles(this.wanted);
  }

  /** A hidden window takes nothing. */
  pause(): void {
    if (!this.paused) this.send({ op: "pause" });
    this.paused = true;
  }

  resume(): void {
    if (this.paused) this.send({ op: "resume" });
    this.paused = false;
  }

  private readonly retryNow = (): void => {
    if (this.running && this.state !== "live") {
      this.failures = 0;
      this.connect();
    }
  };

  private connect(): void {
    this.drop();
    this.say("connecting");
    const socket = this.parts.open();
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.hush();
    socket.onopen = () => {
      this.failures = this.tick = this.acked = 0;
      this.say("live");
      this.sendTiles(this.wanted);
      if (this.paused) this.send({ op: "pause" });
    };
    socket.onmessage = (message) => this.take(message.data);
    socket.onclose = (close) => this.lost(close.code);
  }

  private take(data: string | ArrayBuffer): void {
    this.hush();
    if (typeof data === "string") {
      const message = parseMessage(data);
      if (message) this.hooks.message(message);
      this.ack();
      return;
    }
    const tick = parseTick(data);
    if (!tick) return;
    this.tick = tick.tick;
    for (const entry of tick.entries) this.hooks.entry(entry);
    this.ack();
  }

  private ack(): void {
    const due = this.tick - this.acked >= ACK_TICKS || this.parts.now() - this.ackedMs >= ACK_MS;
    if (this.tick === this.acked || !due) return;
    this.acked = this.tick;
    this.ackedMs = this.parts.now();
    this.send({ op: "got", tick: this.tick });
  }

  private lost(code: number): void {
    this.drop();
    if (!this.running) return;
    if (code === SIGNED_OUT || code === FORBIDDEN) {
      this.stop();
      this.say(code === FORBIDDEN ? "refused" : "lost");
      if (code === SIGNED_OUT) this.hooks.signedOut();
      return;
    }
    this.say("lost");
    this.retry = setTimeout(() => this.connect(), backoffMs(this.failures++, this.parts.random));
  }

  private hush(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.lost(0), SILENT_MS);
  }

  private drop(): void {
    clearTimeout(this.retry);
    clearTimeout(this.silence);
    const socket = this.socket;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  private sendTiles(tiles: readonly Wanted[]): void {
    this.send({ op: "tiles", tiles, codecs: this.codecs });
  }

  private send(body: unknown): void {
    if (this.socket && this.state === "live") this.socket.send(JSON.stringify(body));
  }

  private say(state: LineState): void {
    if (this.state === state) return;
    this.state = state;
    this.hooks.line(state);
  }
}
