import "fake-indexeddb/auto";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { someone } from "@/api/someone";

import { aTask, ME, until } from "./given";
import { open, pretendHub, said, type PretendedHub } from "./pretend";

let hub: PretendedHub;

beforeEach(async () => {
  hub = await pretendHub();
});
afterEach(() => vi.restoreAllMocks());

describe("a signal that carries nothing", () => {
  const MIN = 60_000;

  it("is found out by asking each minute while somebody looks", async () => {
    const { phone } = await open();
    await phone.load();
    const [asked, at] = [hub.calls.length, Date.now()];
    phone.keepUp(at + MIN - 5_000);
    const looked = vi.spyOn(document, "visibilityState", "get").mockReturnValue("hidden");
    phone.keepUp(at + MIN);
    expect(hub.calls).toHaveLength(asked);
    looked.mockRestore();
    hub.network = false;
    expect(phone.outdated(at, true)).toBe(false);
    phone.keepUp(at + MIN);
    await until(() => expect(phone.outdated(at, true)).toBe(true));
    hub.network = true;
    await phone.load();
    expect([phone.outdated(Date.now(), true), phone.outdated(Date.now(), false)]).toEqual([false, true]);
  });

  it("and no answer of its own makes what is shown old all the same", async () => {
    const { phone } = await open();
    await phone.load();
    expect(phone.outdated(Date.now() + MIN, true)).toBe(false);
    expect(phone.outdated(Date.now() + 2 * MIN, true)).toBe(true);
  });
});

describe("more tasks than a phone asks for", () => {
  it("are said to be more, also without a network", async () => {
    const { phone } = await open();
    await phone.load();
    expect(phone.desk.cut).toBe(false);
    hub.endless = true;
    await phone.load();
    expect(phone.desk.cut).toBe(true);
    hub.network = false;
    const another = await open();
    another.phone.begin();
    await until(() => expect([another.phone.desk.cut, another.phone.tasks.value.length]).toEqual([true, 1]));
  });
});

describe("a password that has to be changed first", () => {
  it("keeps what was said until it is changed, and then all of it goes", async () => {
    const { phone, session } = await open();
    session.me = someone(ME, "worker", [], { must_change: true });
    phone.begin();
    await phone.say("a", "accept");
    await phone.say("a", "on_way");
    await until(() => expect(phone.desk.state).toBe("failed"));
    expect([hub.heard, said(phone.items.value)]).toEqual([[], ["accept queued", "on_way queued"]]);
    session.me = someone(ME, "worker");
    await until(() => expect(hub.heard).toEqual(["a/accept", "a/on-way"]));
    await until(() => expect(phone.tasks.value.map((task) => task.id)).toEqual(["a"]));
  });
});

describe("somebody else who signed in in another window", () => {
  it("has nothing sent under their name by a window that slept: it begins anew as theirs, and the word waits for who said it", async () => {
    const reload = vi.spyOn(location, "reload").mockImplementation(() => undefined);
    const { phone } = await open();
    phone.begin();
    await phone.load();
    [hub.cookie, hub.list] = ["Li", [aTask("b")]];
    await phone.say("a", "accept");
    await until(() => expect(reload).toHaveBeenCalled());
    expect([hub.heard, said(phone.items.value)]).toEqual([[], ["accept queued"]]);
    const anew = await open();
    anew.enter("Li");
    anew.phone.begin();
    await until(() => expect(anew.phone.tasks.value.map((task) => task.id)).toEqual(["b"]));
    expect(hub.heard).toEqual([]);
    anew.leave();
    await until(() => expect(anew.phone.tasks.value).toEqual([]));
    hub.cookie = ME;
    anew.enter(ME);
    await until(() => expect(hub.heard).toEqual(["a/accept"]));
  });
});
