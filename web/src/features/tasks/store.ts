/**
 * What the phone keeps: the outbox with its photos, and the tasks as last heard. IndexedDB, so that a
 * reload, a killed app and an empty battery lose nothing.
 */
import { ref } from "vue";
import { deleteDB, openDB, type DBSchema, type IDBPDatabase } from "idb";

import type { Outline } from "./ground";
import type { Item } from "./outbox";
import { inMemory, type Shelf } from "./shelf";
import type { Task } from "./types";

interface Outbox extends DBSchema {
  items: { key: number; value: Item; indexes: { key: string } };
  photos: { key: string; value: ArrayBuffer };
}

export interface Heard {
  /** Whose tasks these are. */
  me: string;
  /** ms since 1970. */
  at: number;
  tasks: Task[];
  /** There were more of them. */
  cut?: boolean;
}

export interface KeptGrid {
  /** When the hub told it, ms since 1970. */
  at: number;
  outline: Outline;
}

interface Kept extends DBSchema {
  heard: { key: "tasks"; value: Heard };
  grids: { key: string; value: KeptGrid };
}

const OUTBOX = "hub-outbox";
const KEPT = "hub-tasks";
/** What was sent stays to be seen for so long. */
const SEEN_MS = 3 * 24 * 3600 * 1000;

async function outbox(): Promise<IDBPDatabase<Outbox>> {
  return openDB<Outbox>(OUTBOX, 1, {
    upgrade(db) {
      db.createObjectStore("items", { keyPath: "seq", autoIncrement: true }).createIndex("key", "key", { unique: true });
      db.createObjectStore("photos");
    },
  });
}

async function within<T>(run: (db: IDBPDatabase<Outbox>) => Promise<T>): Promise<T> {
  const db = await outbox();
  try {
    return await run(db);
  } finally {
    db.close();
  }
}

const onDisk: Shelf = {
  items: () => within((db) => db.getAll("items")),

  add(words, release = []) {
    return within(async (db) => {
      const tx = db.transaction("items", "readwrite");
      for (const key of release) {
        const photo = await tx.store.index("key").get(key);
        if (photo?.state === "draft") await tx.store.put({ ...photo, state: "queued" });
      }
      await Promise.all([...words.map((word) => tx.store.add(word as Item)), tx.done]);
    });
  },

  addPhoto({ item, bytes }) {
    return within(async (db) => {
      const tx = db.transaction(["items", "photos"], "readwrite");
      const photo = tx.objectStore("photos").put(bytes, item.key);
      await Promise.all([photo, tx.objectStore("items").add(item as Item), tx.done]);
    });
  },

  photo: (key) => within((db) => db.get("photos", key)),

  put(changed) {
    return within(async (db) => {
      const tx = db.transaction(["items", "photos"], "readwrite");
      for (const item of changed) {
        if (!(await tx.objectStore("items").get(item.seq))) continue;
        await tx.objectStore("items").put(item);
        if (item.state === "sent") await tx.objectStore("photos").delete(item.key);
      }
      await tx.done;
    });
  },

  remove(keys, drafts = []) {
    return within(async (db) => {
      const tx = db.transaction(["items", "photos"], "readwrite");
      for (const item of drafts) await tx.objectStore("items").put(item);
      for (const key of keys) {
        const seq = await tx.objectStore("items").index("key").getKey(key);
        if (seq !== undefined) await tx.objectStore("items").delete(seq);
        await tx.objectStore("photos").delete(key);
      }
      await tx.done;
    });
  },
};

/** This browser keeps nothing: what is said lasts as long as the page is open. */
export const fleeting = ref(false);

let chosen: Promise<Shelf> | undefined;

/** Chosen once a window: one that could be opened is not given up for a passing fault. */
function shelf(): Promise<Shelf> {
  chosen ??= outbox().then(
    (db) => {
      db.close();
      return onDisk;
    },
    () => {
      fleeting.value = true;
      return inMemory();
    },
  );
  return chosen;
}

export const store = {
  items: async () => (await shelf()).items(),
  add: async (...said) => (await shelf()).add(...said),
  addPhoto: async (photo) => (await shelf()).addPhoto(photo),
  photo: async (key) => (await shelf()).photo(key),
  put: async (changed) => (await shelf()).put(changed),
  remove: async (...taken) => (await shelf()).remove(...taken),

  /** Forget what was sent days ago, and what was sent without a time of its own. `now` in ms since 1970. */
  async tidy(now: number): Promise<void> {
    const old = (await this.items()).filter((item) => item.state === "sent" && !(Date.parse(item.at) >= now - SEEN_MS));
    if (old.length) await this.remove(old.map((item) => item.key));
  },
} satisfies Shelf & { tidy: unknown };

async function kept<T>(run: (db: IDBPDatabase<Kept>) => Promise<T>): Promise<T> {
  const db = await openDB<Kept>(KEPT, 2, {
    upgrade(db, before) {
      if (before < 1) db.createObjectStore("heard");
      db.createObjectStore("grids");
    },
  });
  try {
    return await run(db);
  } finally {
    db.close();
  }
}

/** The tasks as last heard, for when there is no network. */
export function recall(): Promise<Heard | undefined> {
  return kept((db) => db.get("heard", "tasks"));
}

export function remember(heard: Heard): Promise<unknown> {
  return kept((db) => db.put("heard", heard, "tasks"));
}

/** The outline of a grid, by its code. */
export function recallGrid(code: string): Promise<KeptGrid | undefined> {
  return kept((db) => db.get("grids", code));
}

export function keepGrid(code: string, grid: KeptGrid): Promise<unknown> {
  return kept((db) => db.put("grids", grid, code));
}

/** The pictures that the service worker keeps; the same name stands in vite.config.ts. */
export const PICTURES = "hub-pictures";

/** Nothing of the tasks stays on this phone but what is still to be sent. */
export async function forget(): Promise<void> {
  // Where one is refused, the other goes all the same.
  try {
    await globalThis.caches?.delete(PICTURES);
  } finally {
    await deleteDB(KEPT);
  }
}
