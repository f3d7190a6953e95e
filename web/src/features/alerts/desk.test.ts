import { describe, expect, it, vi } from "vitest";

import { session } from "@/api/session";
import { someone } from "@/api/someone";

import type { Alert } from "./alert";
import { dispatchOf, factsOf, gridLines } from "./facts";
import { asked, fromQuery, toQuery, wants } from "./filters";
import { append, neighbour, NONE, settle, shiftOf, take, type Listed, type Terms } from "./gather";
import { decide } from "./judge";
import { clashes, VERDICT_KEYS } from "./keymap";
import { into } from "./merging";
import { byAge, byUrgency, placeOf } from "./order";
import { alertOf } from "./pretend";
import { EVERY_MS, Siren, type Voice } from "./siren";

const ids = (rows: readonly Alert[]): string[] => rows.map((row) => row.id);
const quiet = (wanted: (alert: Alert) => boolean = () => true): Terms => ({ busy: false, wants: wanted, compare: byUrgency });
const busy = (wanted: (alert: Alert) => boolean = () => true): Terms => ({ ...quiet(wanted), busy: true });
const listOf = (...rows: Alert[]): Listed => append(NONE, rows.toSorted(byUrgency), true, byUrgency);

describe("an alert of the feed", () => {
  it("is the same as one of the list", () => {
    const told = alertOf("a", "P1", 1_700_000_000.25);
    expect(told.raised_at).toBe("2023-11-14T22:13:20.250Z");
    expect(told.binding.secondary).toEqual([{ code: "h", kind: "civil", share: 0.25 }]);
    expect(told.binding.position).toEqual({ lon: 120.5, lat: 37 });
    expect(told.box).toEqual({ x1: 0.1, y1: 0.2, x2: 0.3, y2: 0.4 });
    expect(told.cleared_at).toBeNull();
  });
});

describe("the order", () => {
  it("is by severity, then by the clock that runs out first", () => {
    const rows = [alertOf("c", "P2", 5), alertOf("a", "P1", 9), alertOf("b", "P2", 3), alertOf("d", "P1", 1)];
    expect(ids(rows.toSorted(byUrgency))).toEqual(["d", "a", "b", "c"]);
    expect(ids(rows.toSorted(byAge))).toEqual(["a", "c", "b", "d"]);
  });

  it("is total: equals are told apart by id", () => {
    expect(byUrgency(alertOf("a", "P1", 1), alertOf("b", "P1", 1))).toBeLessThan(0);
    expect(byAge(alertOf("a", "P1", 1), alertOf("b", "P1", 1))).toBeGreaterThan(0);
  });

  it("finds the place of a new one among ten thousand", () => {
    const rows = Array.from({ length: 10_000 }, (_, n) => alertOf(`x${String(n).padStart(5, "0")}`, "P3", n));
    expect(placeOf(rows, alertOf("new", "P3", 5000.5), byUrgency)).toBe(5001);
    expect(placeOf(rows, alertOf("new", "P1", 0), byUrgency)).toBe(0);
  });
});

describe("new alerts", () => {
  const old = [alertOf("a", "P2", 1), alertOf("b", "P2", 3)];

  it("go to their place when nobody works in the list", () => {
    const after = take(listOf(...old), [alertOf("n", "P2", 2)], quiet());
    expect(ids(after.rows)).toEqual(["a", "n", "b"]);
    expect(after.held.size).toBe(0);
  });

  it("gather while somebody does, and come in afterwards", () => {
    const held = take(listOf(...old), [alertOf("n", "P1", 2)], busy());
    expect(ids(held.rows)).toEqual(["a", "b"]);
    expect([...held.held.keys()]).toEqual(["n"]);
    expect(ids(settle(held, quiet()).rows)).toEqual(["n", "a", "b"]);
  });

  it("that were judged before they were shown never come", () => {
    const wanted = (alert: Alert) => alert.verdict === null;
    const held = take(listOf(...old), [alertOf("n", "P1", 2)], busy(wanted));
    const judged = take(held, [alertOf("n", "P1", 2, { verdict: "false", version: 2 })], busy(wanted));
    expect(judged.held.size).toBe(0);
  });

  it("change where they stand: neither severity nor verdict moves a row under the mouse", () => {
    const wanted = (alert: Alert) => alert.verdict === null;
    const graver = alertOf("b", "P1", 3, { version: 2 });
    const judged = alertOf("a", "P2", 1, { version: 2, verdict: "false" });
    const held = take(listOf(...old), [graver, judged], busy(wanted));
    expect(held.rows.map((row) => [row.id, row.severity, row.verdict])).toEqual([["a", "P2", "false"], ["b", "P1", null]]);
    expect(ids(settle(held, quiet(wanted)).rows)).toEqual(["b"]);
  });

  it("do not bring an older version back", () => {
    const list = listOf(alertOf("a", "P2", 1, { version: 5, ack: "acked" }));
    expect(take(list, [alertOf("a", "P2", 1, { version: 4 })], quiet()).rows[0]?.ack).toBe("acked");
  });

  it("behind the end of what was loaded come with their page, once", () => {
    const part = append(NONE, old, false, byUrgency);
    expect(take(part, [alertOf("z", "P4", 9)], quiet()).rows).toHaveLength(2);
    const grown = take(part, [alertOf("n", "P2", 2)], quiet());
    const paged = append(grown, [alertOf("n", "P2", 2), alertOf("z", "P4", 9)], true, byUrgency);
    expect(ids(paged.rows)).toEqual(["a", "n", "b", "z"]);
  });

  it("above the window scroll the list along with them", () => {
    const before = [alertOf("a", "P2", 1), alertOf("b", "P2", 2), alertOf("c", "P2", 3)];
    const after = [alertOf("n", "P1", 9), ...before];
    expect(shiftOf(before, after, 1)).toBe(1);
    expect(shiftOf(before, before.slice(1), 1)).toBe(-1);
    expect(shiftOf(before, [before[0] as Alert, before[2] as Alert], 1)).toBe(-1);
  });

  it("leave the neighbours of the chosen one to be found", () => {
    expect([neighbour(old, "a", 1), neighbour(old, "b", 1), neighbour(old, "gone", 1), neighbour([], "a", 1)]).toEqual(["b", "b", "a", null]);
  });
});

describe("the filters", () => {
  it("stand in the address and come back from it", () => {
    const filters = fromQuery({ state: "live", severity: "P2", kind: "crowd", grid: "37" });
    expect(fromQuery(toQuery(filters))).toEqual(filters);
    expect(toQuery(fromQuery({}))).toEqual({});
    expect(fromQuery({ state: "nonsense", severity: "P9", kind: 4 })).toEqual(fromQuery({}));
  });

  it("ask the hub the same as of one alert", () => {
    const filters = fromQuery({ grid: "a", severity: "P1" });
    expect(asked(filters)).toEqual({ order: "urgency", judged: false, severity: "P1", grid: "a" });
    expect(wants(filters, alertOf("x", "P1", 1))).toBe(true);
    expect(wants(filters, alertOf("x", "P2", 1))).toBe(false);
    expect(wants(filters, alertOf("x", "P1", 1, { verdict: "false" }))).toBe(false);
    expect(wants(fromQuery({ grid: "elsewhere" }), alertOf("x", "P1", 1))).toBe(false);
    expect(asked(fromQuery({ state: "all" }))).toEqual({ order: "newest" });
  });
});

describe("sending a decision", () => {
  const step = { path: "verdict", body: { verdict: "false" } } as const;
  const refused = (code: string) => ({ kind: "error", problem: { status: 409, code, title: "", detail: "", errors: [] } }) as const;
  const story = (version: number, actor: string) =>
    vi.fn(async () => ({ kind: "ok", value: { alert: alertOf("a", "P2", 1, { version }), log: [{ version, actor, what: "verdict:confirmed" }] } }) as never);

  it("goes on with a new version when only the source spoke meanwhile", async () => {
    const post = vi.fn().mockResolvedValueOnce(refused("stale_version")).mockResolvedValueOnce({ kind: "ok", value: alertOf("a", "P2", 1) });
    const outcome = await decide(alertOf("a", "P2", 1), step, { post, story: story(7, "hub") });
    expect(outcome.kind).toBe("done");
    expect(post.mock.calls.map((call) => call[2])).toEqual([1, 7]);
  });

  it("tells who was quicker", async () => {
    const post = vi.fn().mockResolvedValue(refused("stale_version"));
    const outcome = await decide(alertOf("a", "P2", 1), step, { post, story: story(7, "Wang") });
    expect(outcome).toMatchObject({ kind: "conflict", by: { actor: "Wang", what: "verdict:confirmed" } });
    expect(post).toHaveBeenCalledTimes(1);
    const judged = { post: vi.fn().mockResolvedValue(refused("already_judged")), story: story(1, "Wang") };
    expect(await decide(alertOf("a", "P2", 1), step, judged)).toMatchObject({ kind: "conflict", by: { actor: "Wang" } });
  });

  it("is no conflict with one's own acknowledgement of a moment ago, but with another's", async () => {
    session.me = someone("Li Na", "operator");
    const told = (actor: string) =>
      vi.fn(async () => ({ kind: "ok", value: { alert: alertOf("a", "P2", 1, { version: 2 }), log: [{ version: 2, actor, what: "acknowledge" }] } }) as never);
    const post = () => vi.fn().mockResolvedValueOnce(refused("stale_version")).mockResolvedValueOnce({ kind: "ok", value: alertOf("a", "P2", 1) });
    expect((await decide(alertOf("a", "P2", 1), step, { post: post(), story: told("Li Na") })).kind).toBe("done");
    expect((await decide(alertOf("a", "P2", 1), step, { post: post(), story: told("Wang") })).kind).toBe("conflict");
    session.me = null;
  });

  it("hands on any other refusal, and does not try for ever", async () => {
    const post = vi.fn().mockResolvedValue(refused("incident_is_dispatched"));
    expect(await decide(alertOf("a", "P2", 1), step, { post, story: story(2, "hub") })).toMatchObject({ kind: "refused" });
    post.mockClear().mockResolvedValue(refused("stale_version"));
    expect((await decide(alertOf("a", "P2", 1), step, { post, story: story(2, "hub") })).kind).toBe("refused");
    expect(post).toHaveBeenCalledTimes(4);
  });
});

describe("merging", () => {
  it("never puts the graver alert into the lesser", () => {
    const [fire, gate] = [alertOf("f", "P1", 1), alertOf("g", "P3", 2)];
    expect(into(gate, fire)).toMatchObject({ duplicate: gate, into: fire, swapped: false });
    expect(into(fire, gate)).toMatchObject({ duplicate: gate, into: fire, swapped: true });
    expect(into(fire, fire)).toBeNull();
  });
});

describe("the keys", () => {
  it("mean one thing each, and every verdict has one", () => {
    expect(clashes()).toEqual([]);
    expect(Object.values(VERDICT_KEYS).every((key) => key.length === 1)).toBe(true);
  });
});

describe("the siren", () => {
  it("repeats until it is told to stop, and then stops at once", () => {
    vi.useFakeTimers();
    const voice = { allowed: true, unlock: async () => undefined, play: vi.fn(), hush: vi.fn() } satisfies Voice;
    const siren = new Siren(voice);
    siren.set(true);
    siren.set(true);
    expect(voice.play).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(2 * EVERY_MS);
    expect(voice.play).toHaveBeenCalledTimes(3);
    siren.set(false);
    expect(voice.hush).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(5 * EVERY_MS);
    expect(voice.play).toHaveBeenCalledTimes(3);
    vi.useRealTimers();
  });
});

describe("why", () => {
  it("puts what was measured beside its bound", () => {
    expect(factsOf({ count: 2, kind: "person", dwell_s: 5.1234, dwell_s_min: 4, density_share: 0.1234 })).toEqual([
      { name: "count", value: "2" },
      { name: "kind", value: "person" },
      { name: "dwell_s", value: "5.1", bound: { name: "dwell_s_min", value: "4" } },
      { name: "density_share", value: "0.123" },
    ]);
    expect(factsOf({ quantity: "co", value: 91, unit: "ppm", above: 80 })).toEqual([
      { name: "quantity", value: "co" },
      { name: "value", value: "91 ppm", bound: { name: "above", value: "80 ppm" } },
    ]);
  });

  it("says which grid was taken, also where both are the same", () => {
    const placed = alertOf("a", "P1", 1);
    const same: Alert = { ...placed, binding: { ...placed.binding, event_grid: "g", why: "ground_point" } };
    expect(gridLines(same, []).map((line) => [line.role, line.taken])).toEqual([["camera_grid", false], ["event_grid", true]]);
    expect(gridLines(alertOf("a", "P1", 1), [{ code: "g", name: "Gate", kind: "civil" }])).toEqual([
      { role: "camera_grid", code: "g", name: "Gate", taken: true },
      { role: "event_grid", code: null, name: null, taken: false },
    ]);
  });

  it("says why nobody is under way, or that somebody is", () => {
    const waits = alertOf("a", "P1", 1);
    expect(dispatchOf(waits, null)).toBe("waits_for_verdict");
    expect(dispatchOf({ ...waits, verdict: "false" }, null)).toBe("dismissed");
    expect(dispatchOf({ ...waits, verdict: "duplicate", merged_into: "b" }, null)).toBe("merged");
    expect(dispatchOf({ ...waits, policy: "auto_dispatch" }, null)).toBe("never");
    for (const [state, word] of [["filed", "group_wait"], ["on_way", "sent"], ["handled", "closed"], ["void", "void"]] as const) {
      expect(dispatchOf(waits, { state } as never)).toBe(word);
    }
  });
});
