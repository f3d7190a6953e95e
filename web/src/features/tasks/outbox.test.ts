import { describe, expect, it } from "vitest";

import type { Answer } from "@/api/client";

import { aTask, anItem, ME, NOW } from "./given";
import { again, alreadySo, counts, nextTurn, settle, stateOf, takeBack, type Item } from "./outbox";

function problem(status: number, code = "x", retryAfterS?: number): Answer<never> {
  return { kind: "error", problem: { status, code, title: "", detail: "why", errors: [], ...(retryAfterS ? { retryAfterS } : {}) } };
}

/** Sends everything that can be sent, each with success; gives the order of it. */
function drained(items: Item[]): string[] {
  const order: string[] = [];
  let left = items;
  for (let turn = nextTurn(left, ME, NOW); turn.item; turn = nextTurn(left, ME, NOW)) {
    const { item } = turn;
    order.push(`${item.taskId} ${item.kind}`);
    left = left.map((each) => (each.key === item.key ? { ...each, state: "sent" } : each));
  }
  return order;
}

describe("the order of sending", () => {
  it("keeps the words of a task, and sends the words of all tasks before any photo", () => {
    const items = [
      anItem("a", "accept"),
      anItem("b", "accept"),
      anItem("a", "on_scene"),
      anItem("a", "photo"),
      anItem("a", "done"),
      anItem("b", "photo"),
      anItem("b", "done"),
    ];
    const expected = ["a accept", "b accept", "a on_scene", "a done", "b done", "a photo", "b photo"];
    expect(drained(items)).toEqual(expected);
    expect(drained([...items].reverse())).toEqual(expected);
  });

  it("holds what follows a refused word of the same task, its photos too, and nothing else", () => {
    const items = [
      anItem("a", "accept", { state: "refused" }),
      anItem("a", "on_way"),
      anItem("a", "photo"),
      anItem("b", "accept"),
    ];
    expect(drained(items)).toEqual(["b accept"]);
  });

  it("does not hold anything for a refused photo", () => {
    const items = [anItem("a", "photo", { state: "refused" }), anItem("a", "photo"), anItem("a", "done")];
    expect(drained(items)).toEqual(["a done", "a photo"]);
  });

  it("leaves drafts and the words of somebody else alone", () => {
    const items = [anItem("a", "photo", { state: "draft" }), anItem("a", "accept", { by: "somebody" })];
    expect(nextTurn(items, ME, NOW)).toEqual({});
  });

  it("waits for a word that is to be tried later, and meanwhile sends those of other tasks", () => {
    const late = anItem("a", "accept", { notBefore: NOW + 4000 });
    const behind = anItem("a", "on_way");
    const other = anItem("b", "accept");
    expect(nextTurn([late, behind, other], ME, NOW).item).toBe(other);
    expect(nextTurn([late, behind], ME, NOW)).toEqual({ waitMs: 4000 });
    expect(nextTurn([late, behind], ME, NOW + 4000).item).toBe(late);
  });
});

describe("an answer", () => {
  const item = anItem("a", "accept");
  const after = (answer: Answer<unknown>, of = item) => settle(of, answer, NOW, () => 1);

  it("that is good ends it", () => {
    expect(after({ kind: "ok", value: {} })).toEqual({ item: { ...item, state: "sent" } });
  });

  it("that does not come stops everything and changes nothing", () => {
    expect(after(problem(0))).toEqual({ item, stop: "network" });
    expect(after({ kind: "aborted" })).toEqual({ item, stop: "network" });
    expect(after(problem(401))).toEqual({ item, stop: "session" });
    expect(after(problem(403, "must_change"))).toEqual({ item, stop: "session" });
    expect(after(problem(403, "other_account"))).toEqual({ item, stop: "session" });
  });

  it.each([500, 502, 503, 429, 408])("%d means later, this one alone, and longer each time", (status) => {
    const once = after(problem(status));
    expect(once.stop).toBeUndefined();
    expect(once.item).toMatchObject({ state: "queued", tries: 1 });
    const twice = after(problem(status), once.item);
    expect(twice.item.notBefore).toBeGreaterThan(once.item.notBefore);
  });

  it("may say how long to wait", () => {
    expect(after(problem(503, "x", 90)).item.notBefore).toBe(NOW + 90_000);
  });

  it.each([403, 404, 409, 413, 415, 422])("%d is a refusal, kept with its reason", (status) => {
    expect(after(problem(status, "why_not")).item).toMatchObject({
      state: "refused",
      refusal: { status, code: "why_not", detail: "why" },
    });
  });

  it("about a wrong clock is met by leaving the time to the hub, once", () => {
    const first = after(problem(422, "bad_time")).item;
    expect(first).toMatchObject({ state: "queued", at: "", key: item.key });
    expect(after(problem(422, "bad_time"), first).item.state).toBe("refused");
  });
});

describe("a refused word", () => {
  it("is so already where the hub has us that far or farther", () => {
    const task = aTask("a", { state: "on_scene", assignee: ME });
    expect(alreadySo(anItem("a", "accept"), task)).toBe(true);
    expect(alreadySo(anItem("a", "on_scene"), task)).toBe(true);
    expect(alreadySo(anItem("a", "done"), task)).toBe(false);
    expect(alreadySo(anItem("a", "photo"), task)).toBe(false);
    expect(alreadySo(anItem("a", "accept"), { ...task, assignee: "somebody" })).toBe(false);
    expect(alreadySo(anItem("a", "accept"), { ...task, state: "void" })).toBe(false);
  });

  it("can be sent again under its own key", () => {
    const refused = anItem("a", "accept", { state: "refused", tries: 3, notBefore: NOW + 1 });
    expect(again(refused)).toMatchObject({ key: refused.key, state: "queued", tries: 0, notBefore: 0 });
  });

  it("can be taken back with those after it, and its photos are drafts again", () => {
    const [accept, way, photo, done] = [
      anItem("a", "accept", { state: "sent" }),
      anItem("a", "on_way", { state: "refused" }),
      anItem("a", "photo"),
      anItem("a", "done"),
    ] as [Item, Item, Item, Item];
    const other = anItem("b", "done");
    const back = takeBack([accept, way, photo, done, other], way.key);
    expect(back.gone).toEqual([way.key, done.key]);
    expect(back.drafts).toMatchObject([{ key: photo.key, state: "draft" }]);
    expect(takeBack([photo, done], photo.key)).toEqual({ gone: [photo.key], drafts: [] });
    expect(takeBack([done], "none")).toEqual({ gone: [], drafts: [] });
  });
});

describe("the state of a task on this phone", () => {
  const task = aTask("a");

  it("is as far as what was said, sent or not", () => {
    expect(stateOf(task, [], ME)).toBe("delivered");
    expect(stateOf(task, [anItem("a", "accept", { state: "sent" }), anItem("a", "on_scene")], ME)).toBe("on_scene");
    expect(stateOf(task, [anItem("b", "accept")], ME)).toBe("delivered");
  });

  it("is not what somebody else said on the same phone, nor held up by it", () => {
    const theirs = [anItem("a", "accept", { by: "x", state: "refused" }), anItem("a", "done", { by: "x" })];
    expect(stateOf(task, theirs, ME)).toBe("delivered");
    expect(stateOf(task, [...theirs, anItem("a", "accept")], ME)).toBe("accepted");
  });

  it("goes no farther than a refusal, and never back behind the hub", () => {
    const items = [anItem("a", "accept", { state: "refused" }), anItem("a", "on_way")];
    expect(stateOf(task, items, ME)).toBe("delivered");
    expect(stateOf({ ...task, state: "done" }, [anItem("a", "accept", { state: "sent" })], ME)).toBe("done");
    expect(stateOf({ ...task, state: "void" }, [anItem("a", "accept")], ME)).toBe("void");
  });
});

it("counts what waits and what was refused, of one account", () => {
  const items = [anItem("a", "accept"), anItem("a", "photo", { state: "refused" }), anItem("b", "accept", { by: "x" })];
  expect(counts(items, ME)).toEqual({ waiting: 1, refused: 1 });
});
