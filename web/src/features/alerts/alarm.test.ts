import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { queryClient } from "@/api/queries";
import { session } from "@/api/session";
import { someone } from "@/api/someone";

import { alertOf, pretendHub, resetFeed, rowOf, settled, tell, using, type Asked } from "./pretend";
import type { Voice } from "./siren";
import { useAlarm } from "./useAlarm";
import { useMutes } from "./useMutes";

let hub: ReturnType<typeof pretendHub>;
const PROBLEM = { status: 503, code: "away", title: "away", detail: "" };

beforeEach(() => {
  vi.useFakeTimers();
  hub = pretendHub();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  queryClient.clear();
  session.me = null;
});

describe("the alarm", () => {
  const voice: Voice = { allowed: true, unlock: async () => undefined, play: vi.fn(), hush: vi.fn() };
  const alarming = () => {
    const { got, leave } = using(() => useAlarm(voice));
    return { ...got, leave, ids: () => got.list.value.map(({ id }) => id) };
  };
  /** The hub is asked for what goes on, and for what is over. */
  const asked = (live: boolean) => hub.asked.findLast(({ path, query }) => path === "/alerts" && query["live"] === String(live)) as Asked;
  const known = async (items: unknown[], over: unknown[] = [], next: string | null = null) => {
    await asked(true).answer({ items, next });
    await asked(false).answer({ items: over, next: null });
  };

  it("goes on for what is over until somebody has acknowledged it, also after a gap", async () => {
    const alarm = alarming();
    const [soon, cleared] = [Date.now() / 1000 + 60, { life: "cleared" as const, version: 2 }];
    await known([alertOf("a", "P1", 1), alertOf("acked", "P1", 2)]);
    tell({ ...rowOf("b", "P1", soon), ...cleared });
    tell({ ...rowOf("a", "P1", 1), ...cleared });
    tell({ ...rowOf("past", "P1", 0), ...cleared });
    expect(alarm.ids()).toEqual(["a", "acked", "b"]);
    resetFeed();
    expect(asked(false).query["raised_from"]).toBe(alertOf("a", "P1", 1).raised_at);
    await known([], [alertOf("a", "P1", 1, cleared), alertOf("past", "P1", 1, cleared), alertOf("c", "P1", soon + 1, cleared)]);
    expect(alarm.ids()).toEqual(["a", "c"]);
    tell({ ...rowOf("a", "P1", 1), ack: "acked", version: 3 });
    expect(alarm.ids()).toEqual(["c"]);
    alarm.leave();
  });

  it("asks for the others when few are left of those it was given", async () => {
    const alarm = alarming();
    const many = Array.from({ length: 200 }, (_, n) => alertOf(`a${n}`, "P1", n));
    await known(many, [], "more");
    const before = hub.asked.length;
    for (let n = 0; n < 101; n += 1) tell({ ...rowOf(`a${n}`, "P1", n), ack: "acked", version: 2 });
    expect(hub.asked).toHaveLength(before + 2);
    alarm.leave();
  });

  it("asks the browser for sound at every touch until it is allowed", async () => {
    let allowed = false;
    const unlock = vi.fn(async () => undefined);
    const shy: Voice = { get allowed() { return allowed; }, unlock, play: vi.fn(), hush: vi.fn() };
    const { leave } = using(() => useAlarm(shy));
    const press = async (key: string) => (dispatchEvent(new KeyboardEvent("keydown", { key })), settled());
    await press("Escape");
    allowed = true;
    await press("j");
    await press("j");
    expect(unlock).toHaveBeenCalledTimes(2);
    leave();
  });

  it("keeps what was told while it asked", async () => {
    const alarm = alarming();
    tell(rowOf("new", "P1", 9));
    tell({ ...rowOf("over", "P1", 1), version: 2, ack: "acked" });
    await known([alertOf("over", "P1", 1), alertOf("old", "P1", 2)]);
    expect(alarm.ids()).toEqual(["old", "new"]);
    alarm.leave();
  });

  it("asks again until it knows, and says so meanwhile", async () => {
    const alarm = alarming();
    await asked(true).answer({ items: [], next: null });
    await asked(false).answer(PROBLEM, 503);
    expect(alarm.problem.value?.code).toBe("away");
    tell(rowOf("told", "P1", 9));
    expect(alarm.ids()).toEqual(["told"]);
    const before = hub.asked.length;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(hub.asked).toHaveLength(before + 2);
    await known([alertOf("a", "P1", 1)]);
    expect(alarm.problem.value).toBeNull();
    expect(alarm.ids()).toEqual(["a"]);
    alarm.leave();
  });

  it("is quiet about what is in hand whatever is told, and rings at once when that comes to nothing", async () => {
    const alarm = alarming();
    await known([alertOf("a", "P1", 1)]);
    alarm.quiet("a", true);
    expect(alarm.ids()).toEqual([]);
    tell({ ...rowOf("a", "P1", 1), version: 2 });
    expect(alarm.ids()).toEqual([]);
    alarm.quiet("a", false);
    expect(alarm.ids()).toEqual(["a"]);
    alarm.leave();
  });
});

describe("the mutes", () => {
  it("tell why one was not ended, until that was read or they are asked for again", async () => {
    session.me = someone("Li Na", "operator", ["mutes.read", "mutes.end"]);
    const { got, leave } = using(useMutes);
    const mutes = () => hub.asked.filter(({ path }) => path === "/mutes");
    await vi.advanceTimersByTimeAsync(0);
    await mutes()[0]?.answer({ items: [], next: null });
    for (const read of [got.forgive, got.retry]) {
      void got.end("m");
      await vi.advanceTimersByTimeAsync(0);
      await hub.last("/mutes/m").answer({ ...PROBLEM, status: 403, code: "forbidden" }, 403);
      await vi.advanceTimersByTimeAsync(0);
      await mutes().at(-1)?.answer({ items: [], next: null });
      await vi.advanceTimersByTimeAsync(0);
      expect(got.problem.value).toMatchObject({ code: "forbidden" });
      read();
      expect(got.problem.value).toBeNull();
    }
    expect(mutes()).toHaveLength(4);
    leave();
  });
});
