import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ref } from "vue";

import { signOut } from "@/api/session";
import { setLanguage } from "@/i18n";
import { told } from "@/ui/told";

import { alertOf, pretendHub, resetFeed, rowOf, settled, tell, using } from "./pretend";
import { fromQuery } from "./filters";
import { append, NONE, settle, take, type Terms } from "./gather";
import { byUrgency } from "./order";
import { UNDO_MS } from "./undo";
import { useDecisions, type Shown } from "./useDecisions";
import { useList } from "./useList";

let hub: ReturnType<typeof pretendHub>;
const PROBLEM = { status: 503, code: "away", title: "away", detail: "" };

beforeEach(() => {
  vi.useFakeTimers();
  setLanguage("en");
  told.value = "";
  hub = pretendHub();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the list", () => {
  const listing = (query = {}) => {
    const busy = ref(false);
    const filters = ref(fromQuery(query));
    const { got, leave } = using(() => useList(filters, busy));
    return { ...got, busy, leave, ids: () => got.rows.value.map(({ id }) => id) };
  };
  const page = (items: readonly unknown[], next: string | null = null) => hub.last("/alerts").answer({ items, next });

  it("has what was told while its first page was on its way, and the newer of two words", async () => {
    const list = listing();
    tell(rowOf("told", "P1", 5));
    tell({ ...rowOf("a", "P2", 1), version: 7, ack: "acked" });
    await vi.advanceTimersByTimeAsync(500);
    await page([alertOf("a", "P2", 1), alertOf("b", "P2", 3)], "more");
    expect(list.ids()).toEqual(["told", "a", "b"]);
    expect(list.rows.value[1]?.ack).toBe("acked");
    list.leave();
  });

  it("does not show what was judged while its page was on its way", async () => {
    const list = listing();
    tell({ ...rowOf("a", "P2", 1), version: 2, verdict: "false" });
    await vi.advanceTimersByTimeAsync(500);
    await page([alertOf("a", "P2", 1), alertOf("b", "P2", 3)]);
    expect(list.ids()).toEqual(["b"]);
    list.leave();
  });

  it("stays where a further page fails, and asks for that page again when told to", async () => {
    const list = listing();
    await page([alertOf("a", "P2", 1)], "cursor");
    void list.more();
    await hub.last("/alerts").answer(PROBLEM, 503);
    expect(list.problem.value?.code).toBe("away");
    expect(list.ids()).toEqual(["a"]);
    const before = hub.asked.length;
    void list.more(); // the list is scrolled: nobody hammers a hub that is away
    expect(hub.asked).toHaveLength(before);
    list.retry();
    expect(hub.last("/alerts").query).toMatchObject({ after: "cursor" });
    await page([alertOf("b", "P2", 2)]);
    expect(list.ids()).toEqual(["a", "b"]);
    expect(list.problem.value).toBeNull();
    list.leave();
  });

  it("is loaded anew after a gap, and is not empty meanwhile", async () => {
    const list = listing();
    await page([alertOf("a", "P2", 1)]);
    resetFeed();
    expect(list.ids()).toEqual(["a"]);
    await page([alertOf("b", "P2", 1)]);
    expect([list.ids(), list.whole.value]).toEqual([["b"], true]);
    list.leave();
  });

  it("is asked for again after a gap until the hub answers, and is said to be of before", async () => {
    const list = listing();
    await page([alertOf("a", "P2", 1)]);
    resetFeed();
    await hub.last("/alerts").answer(PROBLEM, 503);
    expect([list.ids(), list.behind.value?.code, list.problem.value]).toEqual([["a"], "away", null]);
    const before = hub.asked.length;
    void list.more();
    expect(hub.asked).toHaveLength(before);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(list.behind.value?.code).toBe("away");
    await page([alertOf("b", "P2", 1)]);
    expect([list.ids(), list.behind.value]).toEqual([["b"], null]);
    list.leave();
  });

  it("that cannot be had at first comes by itself when the hub is back", async () => {
    const list = listing();
    await hub.last("/alerts").answer(PROBLEM, 503);
    expect([list.problem.value?.code, list.behind.value]).toEqual(["away", null]);
    await vi.advanceTimersByTimeAsync(60_000);
    await page([alertOf("a", "P2", 1)]);
    expect([list.ids(), list.problem.value]).toEqual([["a"], null]);
    list.leave();
  });

  it("moves nothing under the mouse after a gap, and is loaded anew when the mouse has left", async () => {
    const list = listing();
    await page([alertOf("a", "P2", 1), alertOf("gone", "P2", 2)], "cursor");
    list.busy.value = true;
    resetFeed();
    await page([alertOf("new", "P1", 9), alertOf("a", "P2", 1, { version: 2, ack: "acked" })], "other");
    expect([list.ids(), list.rows.value[0]?.ack, list.held.value.map(({ id }) => id)]).toEqual([["a", "gone"], "acked", ["new"]]);
    void list.more();
    expect(hub.last("/alerts").query["after"]).toBe("cursor");
    await page([alertOf("b", "P2", 3)]);
    expect(list.ids()).toEqual(["a", "gone", "b"]);
    list.busy.value = false;
    await settled();
    expect(hub.last("/alerts").query).not.toHaveProperty("after");
    await page([alertOf("new", "P1", 9), alertOf("a", "P2", 1, { version: 2 })]);
    expect([list.ids(), list.whole.value]).toEqual([["new", "a"], true]);
    list.leave();
  });

  it("moves nothing under the mouse, whatever comes, and lets it in when the mouse has left", async () => {
    const list = listing();
    await page(Array.from({ length: 50 }, (_, n) => alertOf(`a${String(n).padStart(2, "0")}`, "P2", n)));
    const before = list.ids();
    list.busy.value = true;
    for (let n = 0; n < 300; n += 1) {
      const id = `a${String(n % 50).padStart(2, "0")}`;
      tell({ ...rowOf(id, n % 7 ? "P2" : "P1", n % 50), version: n, verdict: n % 5 ? null : "false" });
      tell(rowOf(`n${n}`, n % 2 ? "P1" : "P4", n));
      await vi.advanceTimersByTimeAsync(30);
      expect(list.ids()).toEqual(before);
    }
    list.busy.value = false;
    await settled();
    const now = list.rows.value;
    expect(now.filter(({ id }) => id.startsWith("n"))).toHaveLength(300);
    expect(now.every(({ verdict }) => verdict === null)).toBe(true);
    expect(now.map(({ id }) => id)).toEqual(now.toSorted(byUrgency).map(({ id }) => id));
    list.leave();
  });
});

describe("one of ten thousand that changes", () => {
  it("is put into its place without asking the others", () => {
    let asked = 0;
    const terms: Terms = {
      busy: false,
      wants: () => (asked += 1) > 0,
      compare: (one, other) => (asked += 1) && byUrgency(one, other),
    };
    const rows = Array.from({ length: 10_000 }, (_, n) => alertOf(`x${String(n).padStart(5, "0")}`, "P3", n));
    const list = append(NONE, rows, true, byUrgency);
    const events = [alertOf("new", "P3", 5000.5), alertOf("x07000", "P1", 7000, { version: 2 }), alertOf("x00003", "P3", 3, { version: 2, ack: "acked" })];
    const after = events.reduce((now, event) => take(now, [event], terms), list);
    expect(asked).toBeLessThan(3 * 20);
    expect(after.rows.map(({ id }) => id)).toEqual(settle(after, { ...terms, compare: byUrgency }).rows.map(({ id }) => id));
    expect(after.rows[0]?.id).toBe("x07000");
    expect(after.rows).toHaveLength(10_001);
  });
});

describe("a decision", () => {
  const deciding = () => {
    const shown = { show: vi.fn(), put: vi.fn(), quiet: vi.fn(), names: (id: string) => id } satisfies Shown;
    const { got, leave } = using(() => useDecisions(shown));
    return { ...got, shown, leave };
  };
  const draft = { source: "a", rule_id: null, grid_prefix: null, reason: "works", ends_at: "2026-01-01T00:00:00Z" };
  const mute = async (desk: ReturnType<typeof deciding>, id: string) => {
    const made = desk.mute(draft);
    await settled();
    await hub.last("/mutes").answer({ id }, 201);
    return made;
  };

  it("to merge goes out after its time, into the chosen one", async () => {
    const desk = deciding();
    desk.merge(alertOf("a", "P2", 1), alertOf("b", "P2", 2));
    expect(desk.open.value.map(({ label }) => label)).toEqual(["a · merged into “b”"]);
    expect(hub.asked).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(UNDO_MS);
    const sent = hub.last("/alerts/a/merge");
    expect(await sent.body()).toEqual({ into: "b", version: 1 });
    await sent.answer(alertOf("a", "P2", 1, { merged_into: "b", version: 2 }));
    expect(desk.shown.put).toHaveBeenCalledTimes(1);
    expect(desk.shown.show).toHaveBeenLastCalledWith("a", null);
    desk.leave();
  });

  it("of somebody who signs out is sent with their session, and told by the window when it is refused", async () => {
    const desk = deciding();
    desk.judge(alertOf("a", "P2", 1), "false");
    void signOut();
    desk.leave();
    await settled();
    expect(hub.asked.map(({ method, path }) => `${method} ${path}`)).toEqual(["POST /alerts/a/verdict"]);
    await hub.last("/alerts/a/verdict").answer({ ...PROBLEM, status: 403, code: "forbidden" }, 403);
    expect(told.value).toContain("a: ");
    expect(hub.last("/session").method).toBe("DELETE");
    await hub.last("/session").answer({});
  });

  it("taken back is not sent, and rings again", async () => {
    const desk = deciding();
    desk.judge(alertOf("a", "P1", 1), "false");
    expect(desk.shown.quiet).toHaveBeenLastCalledWith("a", true);
    await desk.undo();
    expect(desk.shown.quiet).toHaveBeenLastCalledWith("a", false);
    await vi.advanceTimersByTimeAsync(UNDO_MS);
    expect(hub.asked).toHaveLength(0);
    desk.leave();
  });

  it("stays shown when the answer to an earlier one about the same alert comes", async () => {
    const desk = deciding();
    void desk.acknowledge(alertOf("a", "P2", 1));
    await settled();
    desk.judge(alertOf("a", "P2", 1), "false");
    await hub.last("/alerts/a/acknowledge").answer(alertOf("a", "P2", 1, { ack: "acked", version: 2 }));
    expect(desk.shown.show).toHaveBeenLastCalledWith("a", { verdict: "false", ack: "acked" });
    expect(desk.shown.quiet).toHaveBeenLastCalledWith("a", true);
    desk.leave();
  });

  it("that is refused rings again and says why", async () => {
    const desk = deciding();
    desk.judge(alertOf("a", "P1", 1), "confirmed");
    await settled();
    await hub.last("/alerts/a/verdict").answer({ ...PROBLEM, status: 403, code: "forbidden" }, 403);
    expect(desk.shown.quiet).toHaveBeenLastCalledWith("a", false);
    expect(desk.said.value).toContain("a: ");
    desk.leave();
  });

  it("to mute that is refused is told to who asked, not behind their dialogue", async () => {
    const desk = deciding();
    const made = desk.mute(draft);
    await settled();
    await hub.last("/mutes").answer({ ...PROBLEM, status: 422, code: "too_long" }, 422);
    expect((await made)?.code).toBe("too_long");
    expect([desk.said.value, desk.muted.value]).toEqual(["", null]);
    desk.leave();
  });

  it("to mute can be taken back for its own time, whatever was muted before", async () => {
    const desk = deciding();
    expect(await mute(desk, "m1")).toBeNull();
    await vi.advanceTimersByTimeAsync(1.5 * UNDO_MS);
    await mute(desk, "m2");
    await vi.advanceTimersByTimeAsync(UNDO_MS);
    expect(desk.muted.value).toBe("m2");
    void desk.undo();
    await settled();
    expect(hub.last("/mutes/m2").method).toBe("DELETE");
    desk.leave();
  });
});
