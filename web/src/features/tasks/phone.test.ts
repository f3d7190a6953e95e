import "fake-indexeddb/auto";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { aTask, ME, until } from "./given";
import type { Item } from "./outbox";
import type { Task } from "./types";

/** A window opened anew; its store stays. */
async function open() {
  vi.resetModules();
  const { session } = await import("@/api/session");
  const phone = await import("./phone");
  const { store, recall, remember, forget } = await import("./store");
  const enter = (name: string) => {
    session.me = { name, role: "worker", actions: [], must_change: false };
    session.status = "in";
  };
  const leave = () => Object.assign(session, { me: null, status: "out" });
  enter(ME);
  return { phone, session, store, recall, remember, forget, enter, leave };
}

let hub: { list: Task[]; network: boolean; heard: string[]; held: Promise<void> | null };

// Not after each: a window of before may still ask, and it is this hub that it asks.
beforeEach(async () => {
  vi.unstubAllGlobals();
  localStorage.clear();
  hub = { list: [aTask("a")], network: true, heard: [], held: null };
  vi.stubGlobal("fetch", async (path: string, { method = "GET" }: RequestInit = {}) => {
    if (method !== "GET" && hub.network) hub.heard.push(path.replace("/api/v1/tasks/", ""));
    await hub.held;
    if (!hub.network) throw new TypeError("no network");
    const body = method === "GET" ? { items: path.includes("open=true") ? hub.list : [], next: null } : {};
    return new Response(JSON.stringify(body), { headers: { "content-type": "application/json" } });
  });
  const { store, forget } = await open();
  await store.remove((await store.items()).map((item) => item.key));
  await forget();
});
afterEach(() => vi.restoreAllMocks());

const said = (items: readonly Item[]) => items.map((item) => `${item.kind} ${item.state}`);

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
  it("asks the hub all the same", async () => {
    const { phone } = await open();
    vi.spyOn(indexedDB, "open").mockImplementation(() => {
      throw new DOMException("refused", "SecurityError");
    });
    phone.begin();
    await until(() => expect(phone.tasks.value.map((task) => task.id)).toEqual(["a"]));
    await until(() => expect(phone.desk.state).toBe("ready"));
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
