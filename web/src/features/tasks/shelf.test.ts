import { expect, it } from "vitest";

import { anItem } from "./given";
import type { Draft, Kind } from "./outbox";
import { inMemory, type Shelf } from "./shelf";

const draft = (key: string, kind: Kind, state: Draft["state"] = "queued"): Draft => anItem("a", kind, { key, state });
const kept = async (shelf: Shelf) => (await shelf.items()).map((item) => `${item.seq} ${item.key} ${item.state}`);

it("keeps the order of what is said, and lets the photos of a done go with it", async () => {
  const shelf = inMemory();
  await shelf.addPhoto({ item: draft("p1", "photo", "draft"), bytes: new ArrayBuffer(1) });
  await shelf.addPhoto({ item: draft("p2", "photo", "draft"), bytes: new ArrayBuffer(2) });
  await shelf.add([draft("on", "on_scene"), draft("d", "done")], ["p1", "unknown"]);
  expect(await kept(shelf)).toEqual(["1 p1 queued", "2 p2 draft", "3 on queued", "4 d queued"]);
});

it("lets the bytes go when they are sent, and writes nothing that was taken back", async () => {
  const shelf = inMemory();
  await shelf.addPhoto({ item: draft("p", "photo"), bytes: new ArrayBuffer(3) });
  await shelf.add([draft("w", "accept")]);
  const sent = (await shelf.items()).map((item) => ({ ...item, state: "sent" as const }));
  expect((await shelf.photo("p"))?.byteLength).toBe(3);
  await shelf.remove(["w", "unknown"]);
  await shelf.put(sent);
  expect(await kept(shelf)).toEqual(["1 p sent"]);
  expect(await shelf.photo("p")).toBeUndefined();
});

it("makes photos drafts again when their word is taken back", async () => {
  const shelf = inMemory();
  await shelf.addPhoto({ item: draft("p", "photo"), bytes: new ArrayBuffer(1) });
  await shelf.add([draft("d", "done")]);
  const photos = (await shelf.items()).slice(0, 1);
  await shelf.remove(["d"], photos.map((item) => ({ ...item, state: "draft" })));
  expect(await kept(shelf)).toEqual(["1 p draft"]);
});
