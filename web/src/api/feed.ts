/**
 * The change feed over one WebSocket a window: every event once and in order, resumed by the number
 * of the last one. Where a gap cannot be ruled out (at first, or after too long), the hub names the
 * number it goes on from, and listeners of `reset` load everything anew.
 */
import { backoffMs } from "./backoff";

export interface FeedEvent {
  seq: number;
  /** UTC, ISO 8601. */
  at: string;
  topic: string;
  id: string;
  body: Record<string, unknown>;
}

export type FeedState = "connecting" | "live" | "lost";
type Listener = (event: FeedEvent) => void;

/** The hub says something every 15 s; a line that is silent for longer than this is dead. */
const SILENT_MS = 40_000;
const SIGNED_OUT = 4401;

interface Parts {
  url: () => string;
  open: (url: string) => WebSocket;
  random: () => number;
}

const BROWSER: Parts = {
  url: () => `${location.origin.replace(/^http/, "ws")}/api/v1/feed/ws`,
  open: (url) => new WebSocket(url, ["hub.v1"]),
  random: Math.random,
};

export class Feed {
  private after: number | null = null;
  private socket: WebSocket | null = null;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  private running = false;
  private readonly byTopic = new Map<string, Set<Listener>>();
  private readonly onReset = new Set<() => void>();
  private readonly onState = new Set<(state: FeedState) => void>();
  private readonly onSignedOut = new Set<() => void>();
  state: FeedState = "lost";

  constructor(private readonly parts: Parts = BROWSER) {}

  /** Begin, and come back after every loss until `stop`. */
  start(): void {
    if (this.running) return;
    this.running = true;
    globalThis.addEventListener?.("online", this.retryNow);
    this.connect();
  }

  /** End; a later `start` goes on where this ended. */
  stop(): void {
    this.running = false;
    globalThis.removeEventListener?.("online", this.retryNow);
    this.drop();
    this.say("lost");
  }

  /** Listen to a topic (`alert`, `camera`, ...); returns how to stop. */
  on(topic: string, listener: Listener): () => void {
    const all = this.byTopic.get(topic) ?? new Set();
    this.byTopic.set(topic, all.add(listener));
    return () => all.delete(listener);
  }

  /** Events may have been missed: load anew. Returns how to stop. */
  whenReset(listener: () => void): () => void {
    this.onReset.add(listener);
    return () => this.onReset.delete(listener);
  }

  whenState(listener: (state: FeedState) => void): () => void {
    this.onState.add(listener);
    return () => this.onState.delete(listener);
  }

  whenSignedOut(listener: () => void): () => void {
    this.onSignedOut.add(listener);
    return () => this.onSignedOut.delete(listener);
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
    const socket = this.parts.open(this.parts.url() + (this.after === null ? "" : `?after=${this.after}`));
    this.socket = socket;
    this.hush();
    socket.onopen = () => {
      this.failures = 0;
      this.say("live");
    };
    socket.onmessage = (message) => this.take(String(message.data));
    socket.onclose = (close) => this.lost(close.code);
  }

  private take(text: string): void {
    this.hush();
    const said = JSON.parse(text) as Partial<FeedEvent> & { reset?: boolean };
    // Not before the hub has named the number it goes on from: what is loaded now joins what follows.
    if (said.reset) this.tellReset(said.seq ?? null);
    if (typeof said.seq !== "number" || !said.topic) return;
    if (this.after !== null && said.seq <= this.after) return;
    this.after = said.seq;
    for (const listener of this.byTopic.get(said.topic) ?? []) listener(said as FeedEvent);
  }

  private tellReset(from: number | null): void {
    this.after = from;
    for (const listener of this.onReset) listener();
  }

  private lost(code: number): void {
    this.drop();
    this.say("lost");
    if (!this.running) return;
    if (code === SIGNED_OUT) {
      this.stop();
      for (const listener of this.onSignedOut) listener();
      return;
    }
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

  private say(state: FeedState): void {
    if (this.state === state) return;
    this.state = state;
    for (const listener of this.onState) listener(state);
  }
}

/** The window's one feed. */
export const feed = new Feed();
