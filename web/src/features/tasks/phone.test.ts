import "fake-indexeddb/auto";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { someone } from "@/api/someone";

import { aTask, ME, until } from "./given";
import type { Item } from "./outbox";
import { open, pretendHub, said, type PretendedHub } from "./pretend";

let hub: PretendedHub;

beforeEach(async () => {
  hub = await pretendHub();
});
afterEach(() => vi.restoreAllMocks());

const keyOf = (items: readonly Item[], kind: Item["kind"]) => items.find((item) => item.kind === kind)?.key ?? "";

describe("a word taken back", () => {
  it("while it waits for the network is not sent, and its report and photos are there again", async () => {
    const { phone } = await open();
    hub.network = false;
    await phone.addPhoto("a", new ArrayBuffer(1), false);
    await phone.say("a", "done", "Fence mended.");
    await until(() => expect(phone.sending.value).toBeNull());
    await phone.revoke(keyOf(phone.items.value, "done"));
    expect(said(phone.items.value)).toEqual(["photo draft"]);
    const { readNote } = await import("./note");
    expect(readNote(ME, "a")).toBe("Fence mended.");
    expect(readNote("Li", "a")).toBe("");
  });

  it("does not write over a newer report", async () => {
    const { phone } = await open();
    hub.network = false;
    await phone.say("a", "done", "old");
    const { keepNote, readNote } = await import("./note");
    keepNote(ME, "a", "newer");
    await until(() => expect(phone.sending.value).toBeNull());
    await phone.revoke(keyOf(phone.items.value, "done"));
    expect(readNote(ME, "a")).toBe("newer");
  });

  it("is not one that is under way", async () => {
    const { phone } = await open();
    let go: () => void = () => undefined;
    hub.held = new Promise((resolve) => (go = resolve));
    await phone.say("a", "done");
    const key = keyOf(phone.items.value, "done");
    await until(() => expect(phone.sending.value).toBe(key));
    await phone.revoke(key);
    go();
    await until(() => expect(said(phone.items.value)).toEqual(["done sent"]));
  });
});

describe("a photo", () => {
  it("that is small only after the last word goes by itself", async () => {
    const { phone } = await open();
    await phone.say("a", "done");
    await phone.addPhoto("a", new ArrayBuffer(1), false);
    await until(() => expect(hub.heard).toEqual(["a/done", "a/photos"]));
  });

  it("is of whoever took it, though they have left meanwhile", async () => {
    const { phone, store, leave } = await open();
    leave();
    await phone.addPhoto("a", new ArrayBuffer(1), false, ME);
    expect(await store.items()).toMatchObject([{ kind: "photo", by: ME, state: "draft" }]);
  });

  it("left over when the task was done by another way is sent on demand", async () => {
    const { phone } = await open();
    await phone.addPhoto("a", new ArrayBuffer(1), false);
    await phone.sendPhotos("a");
    await until(() => expect(hub.heard).toEqual(["a/photos"]));
  });
});

describe("a phone that keeps nothing", () => {
  async function openFleeting() {
    const opened = await open();
    vi.spyOn(indexedDB, "open").mockImplementation(() => {
      throw new DOMException("refused", "SecurityError");
    });
    return opened;
  }

  it("sends what is said as long as the page is open, and says so until then", async () => {
    const { phone } = await openFleeting();
    hub.network = false;
    await phone.say("a", "accept");
    await until(() => expect(phone.sending.value).toBeNull());
    expect([said(phone.items.value), phone.unkept.value]).toEqual([["accept queued"], true]);
    hub.network = true;
    phone.begin();
    await until(() => expect(hub.heard).toEqual(["a/accept"]));
    await until(() => expect([said(phone.items.value), phone.unkept.value]).toEqual([["accept sent"], false]));
  });

  it("is not one whose store was there before and fails in passing", async () => {
    const { phone, store } = await open();
    await store.items();
    const failing = vi.spyOn(indexedDB, "open").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    await expect(phone.say("a", "accept")).rejects.toThrow("full");
    failing.mockRestore();
    await phone.say("a", "accept");
    expect([await store.items(), phone.unkept.value]).toMatchObject([[{ kind: "accept" }], false]);
  });

  it("asks the hub all the same", async () => {
    const { phone } = await openFleeting();
    phone.begin();
    await until(() => expect(phone.tasks.value.map((task) => task.id)).toEqual(["a"]));
    await until(() => expect(phone.desk.state).toBe("ready"));
  });
});

describe("an old browser", () => {
  it("without AbortSignal.timeout asks and sends", async () => {
    vi.spyOn(AbortSignal, "timeout").mockImplementation(() => {
      throw new TypeError("AbortSignal.timeout is not a function");
    });
    const { phone } = await open();
    await phone.load();
    expect(phone.desk.state).toBe("ready");
    await phone.say("a", "accept");
    await until(() => expect(hub.heard).toEqual(["a/accept"]));
  });
});

describe("what was begun", () => {
  it("goes once the hub says that its task is void, and stays without a network", async () => {
    const { phone, store } = await open();
    await phone.addPhoto("a", new ArrayBuffer(1), false);
    hub.network = false;
    await phone.load();
    expect(said(await store.items())).toEqual(["photo draft"]);
    hub.network = true;
    hub.list = [aTask("a", { state: "void" })];
    await phone.load();
    await until(() => expect(phone.items.value).toEqual([]));
  });
});

describe("whoever comes next", () => {
  /** Windows of before may still ask; by its grid the question of this one is known. */
  async function openIn(grid: string) {
    const opened = await open();
    opened.session.me = someone(ME, [], [], { grants: [{ role: "worker", grid, unit: null, window: null }] });
    return { ...opened, line: () => hub.calls.find(({ path }) => path.endsWith(`grid=${grid}`))?.signal };
  }

  it("does not wait for the answer to whoever was here before", async () => {
    const { phone, enter, leave, line } = await openIn("east");
    hub.held = new Promise(() => undefined);
    phone.begin();
    await until(() => expect(line()?.aborted).toBe(false));
    leave();
    await until(() => expect(line()?.aborted).toBe(true));
    [hub.held, hub.list] = [null, [aTask("b")]];
    enter("Li");
    await phone.load();
    expect([phone.desk.state, phone.tasks.value.map((task) => task.id), phone.me.value]).toEqual(["ready", ["b"], "Li"]);
  });

  it("asks anew though nobody was seen leaving, and the late answer says nothing", async () => {
    const { phone, enter, line } = await openIn("west");
    let go: () => void = () => undefined;
    hub.held = new Promise((resolve) => (go = resolve));
    const before = phone.load();
    await until(() => expect(line()).toBeDefined());
    hub.held = null;
    enter("Li");
    await phone.load();
    hub.list = [aTask("old")];
    go();
    await before;
    expect([phone.desk.problem, phone.tasks.value.map((task) => task.id)]).toEqual([null, ["a"]]);
  });
});

describe("whoever leaves", () => {
  it("leaves no tasks here, though the answer with them was on its way", async () => {
    const { phone, recall, leave } = await open();
    let go: () => void = () => undefined;
    hub.held = new Promise((resolve) => (go = resolve));
    const loading = phone.load();
    leave();
    go();
    await loading;
    expect(phone.tasks.value).toEqual([]);
    expect(await recall()).toBeUndefined();
  });

  it("is not recalled in a window that hears of it while it opens", async () => {
    const { phone, remember, leave } = await open();
    await remember({ me: ME, at: 1, tasks: [aTask("a")] });
    phone.begin();
    leave();
    await until(() => expect(phone.desk.state).toBe("failed"));
    expect([phone.me.value, phone.tasks.value]).toEqual(["", []]);
  });

  it("has all that was fetched removed: the tasks even where the pictures are refused", async () => {
    const { forget, recall, remember } = await open();
    await remember({ me: ME, at: 1, tasks: [aTask("a")] });
    const gone = vi.fn().mockRejectedValue(new DOMException("refused", "SecurityError"));
    vi.stubGlobal("caches", { delete: gone });
    await forget().catch(() => undefined);
    expect(gone).toHaveBeenCalledWith("hub-pictures");
    expect(await recall()).toBeUndefined();
  });

  it("finds what they said still here when they come back, and then it goes; nobody else sends it", async () => {
    hub.network = false;
    const { phone, leave } = await open();
    await phone.say("a", "accept");
    leave();
    hub.network = true;
    const another = await open();
    another.enter("Li");
    another.phone.begin();
    await until(() => expect(another.phone.items.value).toHaveLength(1));
    expect(another.phone.unsent.value).toEqual({ waiting: 0, refused: 0 });
    expect(hub.heard).toEqual([]);
    (await open()).phone.begin();
    await until(() => expect(hub.heard).toEqual(["a/accept"]));
  });
});
