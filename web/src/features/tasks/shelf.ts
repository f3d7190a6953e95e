/** Where the outbox with its photos lies: `store.ts` has one on disk. */
import type { Draft, Item } from "./outbox";

export interface NewPhoto {
  item: Draft;
  bytes: ArrayBuffer;
}

export interface Shelf {
  /** Everything, in its order. */
  items(): Promise<Item[]>;
  /** Words: the photo drafts of `release` go with them, in the same step. */
  add(words: readonly Draft[], release?: readonly string[]): Promise<void>;
  addPhoto(photo: NewPhoto): Promise<void>;
  photo(key: string): Promise<ArrayBuffer | undefined>;
  /** Write items as they are now, unless they were taken back meanwhile; the bytes of what was sent are let go. */
  put(changed: readonly Item[]): Promise<void>;
  /** Take items back; `drafts` are written in the same step. */
  remove(keys: readonly string[], drafts?: readonly Item[]): Promise<void>;
}

/** For a browser that keeps nothing: as long as the page is open. */
export function inMemory(): Shelf {
  const items = new Map<number, Item>();
  const photos = new Map<string, ArrayBuffer>();
  let last = 0;

  const find = (key: string): Item | undefined => [...items.values()].find((item) => item.key === key);
  const write = (item: Item): unknown => items.set(item.seq, item);
  const append = (item: Draft): unknown => write({ ...item, seq: (last += 1) });

  return {
    items: async () => [...items.values()],

    async add(words, release = []) {
      for (const photo of release.map(find)) if (photo?.state === "draft") write({ ...photo, state: "queued" });
      words.forEach(append);
    },

    async addPhoto({ item, bytes }) {
      photos.set(item.key, bytes);
      append(item);
    },

    photo: async (key) => photos.get(key),

    async put(changed) {
      for (const item of changed.filter(({ seq }) => items.has(seq))) {
        write(item);
        if (item.state === "sent") photos.delete(item.key);
      }
    },

    async remove(keys, drafts = []) {
      drafts.forEach(write);
      for (const key of keys) {
        items.delete(find(key)?.seq ?? 0);
        photos.delete(key);
      }
    },
  };
}
