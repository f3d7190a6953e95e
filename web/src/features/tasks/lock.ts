/** One sender among all tabs of this browser. */

const NAME = "hub-outbox";
const LEASE = "hub.outbox.lease";
const LEASE_MS = 150_000;

/** Runs alone, or not at all: false when another tab is at it. */
export type Alone = (run: () => Promise<void>) => Promise<boolean>;

export const alone: Alone = async (run) => {
  // Web Locks want a secure context; a hub without HTTPS on the office network has none.
  if (!navigator.locks) return leased(run);
  return navigator.locks.request(NAME, { ifAvailable: true }, async (lock) => {
    if (lock) await run();
    return lock !== null;
  });
};

interface Lease {
  owner: string;
  until: number;
}

/**
 * A lease that ends by itself, longer than the slowest sending. Two tabs that take it in the same
 * instant may both send: their keys are the same, so the hub does nothing twice.
 */
export async function leased(
  run: () => Promise<void>,
  now: () => number = Date.now,
  shelf: Pick<Storage, "getItem" | "setItem" | "removeItem"> = localStorage,
): Promise<boolean> {
  const read = (): Lease | null => JSON.parse(shelf.getItem(LEASE) ?? "null") as Lease | null;
  const held = read();
  if (held && held.until > now()) return false;
  const owner = `${now()}-${Math.random()}`;
  shelf.setItem(LEASE, JSON.stringify({ owner, until: now() + LEASE_MS }));
  if (read()?.owner !== owner) return false;
  try {
    await run();
  } finally {
    if (read()?.owner === owner) shelf.removeItem(LEASE);
  }
  return true;
}
