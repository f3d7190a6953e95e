import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope, nextTick, shallowRef, type EffectScope } from "vue";

import { feed } from "@/api/feed";

import type { PopUp } from "./popups";
import { TOLD_MS, useFirst, usePopUps } from "./usePopUps";
import { REST_MS, SETTLE_MS, useStanding } from "./useStanding";

const alert = (id: string, more = {}) => ({
  id, severity: "P2", rule_kind: "x", source: "c", source_kind: "camera", place: "", life: "active", ack: "unacked",
  verdict: null, evidence_id: null, raised_at: 1000, exercise: false, version: 1, merged_into: null, ...more,
});
const popUp = (id: string, severity = "P2") => ({ id, severity, raisedAt: 0 }) as PopUp;

/** Answers that the test gives when it likes. */
class Hub {
  private readonly asked: { path: string; answer: (response: Response) => void }[] = [];
  readonly fetch = (path: string | URL | Request) => new Promise<Response>((answer) => this.asked.push({ path: String(path), answer }));
  get waiting(): string[] {
    return this.asked.map(({ path }) => path);
  }
  async answer(status: number, body: unknown): Promise<void> {
    this.asked.shift()?.answer(new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } }));
    for (let i = 0; i < 20; i++) await Promise.resolve();
    await vi.advanceTimersByTimeAsync(0);
  }
}

let scope: EffectScope;
let hub: Hub;

beforeEach(() => {
  vi.useFakeTimers();
  scope = effectScope();
  hub = new Hub();
  vi.stubGlobal("fetch", hub.fetch);
});

afterEach(() => {
  scope.stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** As the socket of the feed would tell it. */
let seq = 0;
function tell(body: Record<string, unknown>): void {
  const take = (feed as unknown as { take(text: string): void }).take.bind(feed);
  take(JSON.stringify({ seq: ++seq, at: "", topic: "alert", id: body["id"], body }));
}

describe("the list of alerts that wait", () => {
  const open = () => scope.run(usePopUps) as ReturnType<typeof usePopUps>;
  const ids = (popUps: ReturnType<typeof usePopUps>) => popUps.list.value.map(({ id }) => id);

  it("keeps what the feed told while the hub was being asked", async () => {
    const popUps = open();
    tell(alert("new"));
    tell(alert("gone", { ack: "acked", version: 2 }));
    await hub.answer(200, { items: [alert("old"), alert("gone")] });
    expect(ids(popUps).toSorted()).toEqual(["new", "old"]);
  });

  it("says that it could not be read, and asks until it can", async () => {
    const popUps = open();
    await hub.answer(503, { code: "database_unavailable" });
    expect(popUps.unread.value?.code).toBe("database_unavailable");
    expect(hub.waiting).toEqual([]);
    await vi.advanceTimersByTimeAsync(600);
    expect(hub.waiting).toHaveLength(1);
    await hub.answer(200, { items: [alert("a")] });
    expect([popUps.unread.value, ids(popUps)]).toEqual([null, ["a"]]);
  });

  it("gives back what the hub refuses to acknowledge", async () => {
    const popUps = open();
    await hub.answer(200, { items: [alert("a"), alert("b", { raised_at: 500 })] });
    void popUps.ack("a");
    expect(ids(popUps)).toEqual(["b"]);
    await hub.answer(409, { code: "conflict" });
    expect([ids(popUps), popUps.problem.value?.code]).toEqual([["a", "b"], "conflict"]);
    void popUps.ack("a");
    await hub.answer(200, alert("a", { ack: "acked", version: 2 }));
    expect(ids(popUps)).toEqual(["b"]);
  });

  it("takes it for done when somebody else was quicker, and tells another refusal for a while", async () => {
    const popUps = open();
    await hub.answer(200, { items: [alert("a"), alert("b")] });
    void popUps.ack("a");
    await hub.answer(409, { code: "already_acknowledged" });
    expect([ids(popUps), popUps.problem.value]).toEqual([["b"], null]);
    void popUps.ack("b");
    await hub.answer(503, { code: "away" });
    expect([ids(popUps), popUps.problem.value?.code]).toEqual([["b"], "away"]);
    await vi.advanceTimersByTimeAsync(TOLD_MS);
    expect(popUps.problem.value).toBeNull();
  });

  it("asks for the others when few are left of those it was given", async () => {
    const popUps = open();
    const many = (from: number, n: number) => Array.from({ length: n }, (_, i) => alert(`a${from + i}`));
    await hub.answer(200, { items: many(0, 120), next: "x" });
    expect(hub.waiting[0]).toContain("&after=x");
    await hub.answer(200, { items: many(120, 120), next: "y" });
    expect([ids(popUps).length, popUps.whole.value, hub.waiting]).toEqual([200, false, []]);
    for (const id of ids(popUps).slice(0, 101)) tell(alert(id, { ack: "acked", version: 2 }));
    expect(hub.waiting).toHaveLength(1);
    await hub.answer(200, { items: many(101, 139), next: null });
    expect([ids(popUps).length, popUps.whole.value]).toEqual([139, true]);
  });
});

describe("where the alerts stand", () => {
  const open = (list: readonly PopUp[]) => {
    const ref = shallowRef(list);
    return { list: ref, ...(scope.run(() => useStanding(ref)) as ReturnType<typeof useStanding>) };
  };
  const ids = ({ shown }: ReturnType<typeof open>) => shown.value.map((each) => each?.id ?? null);

  it("takes no click for one that has just appeared", () => {
    const stack = open([popUp("a")]);
    expect(stack.settled.value.has("a")).toBe(false);
    vi.advanceTimersByTime(SETTLE_MS);
    expect(stack.settled.value.has("a")).toBe(true);
    stack.list.value = [popUp("z", "P1"), popUp("a")];
    expect(ids(stack)).toEqual(["a", "z", null]);
    expect([...stack.settled.value]).toEqual(["a"]);
  });

  it("puts nothing under the pointer, until it leaves or rests", () => {
    const stack = open(["a", "b", "c", "d"].map((id) => popUp(id)));
    stack.hold(0, "pointer");
    stack.list.value = stack.list.value.slice(1);
    expect(ids(stack)).toEqual([null, "b", "c"]);
    stack.release(0, "pointer");
    expect(ids(stack)).toEqual(["d", "b", "c"]);
    stack.hold(1, "pointer");
    stack.list.value = [popUp("c"), popUp("d"), popUp("e")];
    expect(ids(stack)).toEqual(["d", null, "c"]);
    vi.advanceTimersByTime(REST_MS);
    expect(ids(stack)).toEqual(["d", "e", "c"]);
  });

  it("keeps what the focus holds when the pointer leaves", () => {
    const stack = open(["a", "b", "c", "d", "e"].map((id) => popUp(id)));
    stack.hold(0, "focus");
    stack.hold(1, "pointer");
    stack.list.value = stack.list.value.slice(2);
    expect(ids(stack)).toEqual([null, null, "c"]);
    stack.release(1, "pointer");
    expect(ids(stack)).toEqual([null, "d", "c"]);
    vi.advanceTimersByTime(REST_MS);
    expect(ids(stack)).toEqual(["e", "d", "c"]);
  });
});

describe("the window that shows the alerts", () => {
  /** The browser's locks, as far as they are used. */
  class Locks {
    private line: { grant: () => Promise<void> }[] = [];
    private busy = false;
    request(_name: string, { signal }: { signal: AbortSignal }, grant: () => Promise<void>): Promise<void> {
      return new Promise((_resolve, reject) => {
        const entry = { grant };
        signal.addEventListener("abort", () => {
          this.line = this.line.filter((each) => each !== entry);
          reject(new DOMException("", "AbortError"));
        });
        this.line.push(entry);
        void this.next();
      });
    }
    private async next(): Promise<void> {
      if (this.busy) return;
      const entry = this.line.shift();
      if (!entry) return;
      this.busy = true;
      await entry.grant();
      this.busy = false;
      void this.next();
    }
  }

  let visible: DocumentVisibilityState;
  function turn(to: DocumentVisibilityState): void {
    visible = to;
    document.dispatchEvent(new Event("visibilitychange"));
  }

  it("is one that can be seen", async () => {
    visible = "visible";
    vi.spyOn(document, "visibilityState", "get").mockImplementation(() => visible);
    const locks = new Locks();
    vi.stubGlobal("navigator", { locks });
    const first = scope.run(useFirst);
    let given = false;
    const other = () => new Promise<void>(() => (given = true));
    void locks.request("", { signal: new AbortController().signal }, other);
    await nextTick();
    expect([first?.value, given]).toEqual([true, false]);
    turn("hidden");
    await vi.advanceTimersByTimeAsync(0);
    expect([first?.value, given]).toEqual([false, true]);
    turn("visible");
    await vi.advanceTimersByTimeAsync(0);
    expect([first?.value, given]).toEqual([false, true]);
  });

  it("is none while all are hidden", async () => {
    visible = "visible";
    vi.spyOn(document, "visibilityState", "get").mockImplementation(() => visible);
    vi.stubGlobal("navigator", { locks: new Locks() });
    const first = scope.run(useFirst);
    turn("hidden");
    await vi.advanceTimersByTimeAsync(0);
    expect(first?.value).toBe(false);
    turn("visible");
    await vi.advanceTimersByTimeAsync(0);
    expect(first?.value).toBe(true);
  });
});
