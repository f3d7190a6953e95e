/**
 * Sends the outbox: when the app opens, when the network is back, on a timer with back-off. It never
 * counts on background sync, which half of the phones do not have.
 */
import { backoffMs } from "@/api/backoff";
import type { Answer } from "@/api/client";

import type { Alone } from "./lock";
import { alreadySo, nextTurn, sent, settle, type Item } from "./outbox";
import type { Task } from "./types";

export interface Parts {
  items: () => Promise<Item[]>;
  photo: (key: string) => Promise<ArrayBuffer | undefined>;
  put: (changed: readonly Item[]) => Promise<void>;
  post: (item: Item, photo?: ArrayBuffer) => Promise<Answer<unknown>>;
  look: (taskId: string) => Promise<Answer<Task>>;
  /** Whoever is signed in, null when nobody is, or when the hub has not been asked yet. */
  who: () => Promise<string | null>;
  /** Told that the hub takes nothing from whoever that is. */
  doubt: () => void;
  alone: Alone;
  /** Told which item is on its way, and null when none is. */
  onSending: (key: string | null) => void;
  onChange: () => void;
  now: () => number;
  random: () => number;
}

const OTHER_TAB_MS = 5_000;
const SIGNED_OUT_MS = 60_000;

export class Sender {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | null = null;
  private wanted = false;
  private failures = 0;

  constructor(private readonly parts: Parts) {}

  /** Send now what can be sent; the network may be back. */
  kick = (): Promise<void> => {
    clearTimeout(this.timer);
    this.failures = 0;
    this.wanted = true;
    this.running ??= this.run().finally(() => (this.running = null));
    return this.running;
  };

  stop(): void {
    clearTimeout(this.timer);
  }

  private async run(): Promise<void> {
    let waitMs: number | undefined;
    while (this.wanted) {
      this.wanted = false;
      try {
        const got = await this.parts.alone(async () => {
          waitMs = await this.empty();
        });
        if (!got) waitMs = OTHER_TAB_MS;
      } catch {
        // The phone's own store refuses: what could not be written is sent again under its key.
        waitMs = this.later();
      }
    }
    if (waitMs !== undefined) this.timer = setTimeout(() => void this.again(), Math.max(0, waitMs));
  }

  /** Like `kick`, but a network that has failed so far is given more time each time. */
  private again(): Promise<void> {
    const failures = this.failures;
    const run = this.kick();
    this.failures = failures;
    return run;
  }

  /** Sends one after the other; returns after how many ms to come again, if at all. */
  private async empty(): Promise<number | undefined> {
    for (;;) {
      const items = await this.parts.items();
      if (!items.some((item) => item.state === "queued")) return undefined;
      const me = await this.parts.who();
      if (me === null) return this.later();
      const { item, waitMs } = nextTurn(items, me, this.parts.now());
      if (!item) return waitMs;
      const stop = await this.send(item);
      if (stop === "session") {
        this.parts.doubt();
        return SIGNED_OUT_MS;
      }
      if (stop === "network") return this.later();
      this.failures = 0;
    }
  }

  private later(): number {
    return backoffMs(this.failures++, this.parts.random) * 2;
  }

  private async send(item: Item): Promise<"network" | "session" | undefined> {
    this.parts.onSending(item.key);
    try {
      return await this.tell(item);
    } finally {
      this.parts.onSending(null);
      this.parts.onChange();
    }
  }

  private async tell(item: Item): Promise<"network" | "session" | undefined> {
    const photo = item.kind === "photo" ? await this.parts.photo(item.key) : undefined;
    const answer = await this.parts.post(item, photo);
    const { item: after, stop } = settle(item, answer, this.parts.now(), this.parts.random);
    const so = after.state === "refused" && (await this.isSoAlready(after));
    if (after !== item) await this.parts.put([so ? sent(item) : after]);
    return stop;
  }

  private async isSoAlready(item: Item): Promise<boolean> {
    if (item.refusal?.status !== 409 || item.kind === "photo") return false;
    const now = await this.parts.look(item.taskId);
    return now.kind === "ok" && alreadySo(item, now.value);
  }
}
