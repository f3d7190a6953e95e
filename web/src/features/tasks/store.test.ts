import "fake-indexeddb/auto";

import { beforeEach, describe, expect, it } from "vitest";

import { aTask, anItem, ME, NOW } from "./given";
import type { Draft, Kind } from "./outbox";
import { forget, recall, remember, store } from "./store";

function draft(key: string, kind: Kind, state: Draft["state"] = "queued"): Draft {
  const made: Draft & { seq?: number } = anItem("a", kind, { key, state });
  delete made.seq;
  return made;
}
const bytes = (text: string): ArrayBuffer => new TextEncoder().encode(text).buffer as ArrayBuffer;
const kept = async () => (await store.items()).map((item) => `${item.key} ${item.state}`);

beforeEach(async () => {
  await store.remove((await store.items()).map((item) => item.key));
});

describe("the outbox on disk", () => {
  it("keeps the order in which things were said", async () => {
    await store.add([draft("1", "accept")]);
    await store.add([draft("2", "on_way"), draft("3", "on_scene")]);
    const items = await store.items();
    expect(items.map((item) => item.key)).toEqual(["1", "2", "3"]);
    expect(items.map((item) => item.seq)).toEqual([...items.map((item) => item.seq)].sort((a, b) => a - b));
  });

  it("takes a key once", async () => {
    await store.add([draft("1", "accept")]);
    await expect(store.add([draft("1", "accept")])).rejects.toThrow();
    expect(await kept()).toEqual(["1 queued"]);
  });

  it("lets the photos of a done go with it, and only drafts", async () => {
    await store.addPhoto({ item: draft("p1", "photo", "draft"), bytes: bytes("one") });
    await store.addPhoto({ item: draft("p2", "photo", "draft"), bytes: bytes("two") });
    await store.add([draft("d", "done")], ["p1"]);
    expect(await kept()).toEqual(["p1 queued", "p2 draft", "d queued"]);
    expect(new TextDecoder().decode(await store.photo("p1"))).toBe("one");
  });

  it("forgets the bytes of a photo when it is sent, and not what was taken back on the way", async () => {
    await store.addPhoto({ item: draft("p", "photo"), bytes: bytes("x") });
    await store.add([draft("w", "accept")]);
    const [photo, word] = await store.items();
    if (!photo || !word) throw new Error("not kept");
    await store.remove(["w"]);
    await store.put([{ ...photo, state: "sent" }, { ...word, state: "sent" }]);
    expect(await kept()).toEqual(["p sent"]);
    expect(await store.photo("p")).toBeUndefined();
  });

  it("tidies away what was sent days ago and nothing else", async () => {
    await store.add([draft("old", "accept"), draft("waiting", "on_way")]);
    const [old] = await store.items();
    if (!old) throw new Error("not kept");
    await store.put([{ ...old, state: "sent" }]);
    await store.tidy(NOW + 1000);
    expect(await kept()).toEqual(["old sent", "waiting queued"]);
    await store.tidy(NOW + 4 * 24 * 3600 * 1000);
    expect(await kept()).toEqual(["waiting queued"]);
  });
});

it("tidies away what was sent with the hub's own time", async () => {
  await store.add([draft("wrong clock", "accept"), draft("waiting", "on_way")]);
  const [word] = await store.items();
  if (!word) throw new Error("not kept");
  await store.put([{ ...word, at: "", state: "sent" }]);
  await store.tidy(NOW);
  expect(await kept()).toEqual(["waiting queued"]);
});

describe("the tasks as last heard", () => {
  it("are there after a reload and gone after leaving; the outbox stays", async () => {
    await store.add([draft("1", "accept")]);
    await remember({ me: ME, at: NOW, tasks: [aTask("a")] });
    expect((await recall())?.tasks.map((task) => task.id)).toEqual(["a"]);
    await forget();
    expect(await recall()).toBeUndefined();
    expect(await kept()).toEqual(["1 queued"]);
  });
});
