/**
 * Decisions that can be taken back for some seconds: shown as done at once, sent when the time is
 * over. What must not wait goes out at once and cannot be taken back here.
 */
export const UNDO_MS = 4_000;

export interface Decision {
  /** The alert it is about; a second decision about it sends the first. */
  id: string;
  label: string;
  /** Sends it; resolves to whether it was accepted. */
  send: () => Promise<boolean>;
  /** Shows everything as it was; called when taken back or refused. */
  revert: () => void;
  urgent?: boolean;
}

interface Waiting extends Decision {
  timer: ReturnType<typeof setTimeout>;
}

export class UndoQueue {
  private readonly waiting: Waiting[] = [];
  private readonly underWay = new Set<Promise<void>>();

  /** `changed` is told what can be taken back now, the newest last. */
  constructor(
    private readonly changed: (open: readonly Decision[]) => void,
    private readonly waitMs = UNDO_MS,
  ) {}

  add(decision: Decision): void {
    const before = this.waiting.find((each) => each.id === decision.id);
    if (before) void this.send(before);
    if (decision.urgent) {
      void this.deliver(decision);
      return;
    }
    const waiting: Waiting = { ...decision, timer: setTimeout(() => void this.send(waiting), this.waitMs) };
    this.waiting.push(waiting);
    this.tell();
  }

  /** Take the newest one back; false when there is none. */
  undo(): boolean {
    const last = this.waiting.at(-1);
    if (!last) return false;
    this.drop(last);
    last.revert();
    return true;
  }

  /** The page goes: send everything now. Resolves when the hub has answered all that was sent. */
  async flush(): Promise<void> {
    for (const each of [...this.waiting]) void this.send(each);
    await Promise.all(this.underWay);
  }

  private async send(waiting: Waiting): Promise<void> {
    this.drop(waiting);
    await this.deliver(waiting);
  }

  private async deliver(decision: Decision): Promise<void> {
    const sent = decision.send().then((accepted) => void (accepted || decision.revert()));
    this.underWay.add(sent);
    await sent.finally(() => this.underWay.delete(sent));
  }

  private drop(waiting: Waiting): void {
    clearTimeout(waiting.timer);
    const at = this.waiting.indexOf(waiting);
    if (at >= 0) this.waiting.splice(at, 1);
    this.tell();
  }

  private tell(): void {
    this.changed([...this.waiting]);
  }
}
