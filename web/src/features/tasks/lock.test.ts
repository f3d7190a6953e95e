import { beforeEach, describe, expect, it } from "vitest";

import { leased } from "./lock";

class Shelf {
  private kept = new Map<string, string>();
  getItem = (key: string): string | null => this.kept.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.kept.set(key, value);
  removeItem = (key: string): void => void this.kept.delete(key);
}

describe("the lease, where there are no Web Locks", () => {
  let shelf: Shelf;
  let now: number;
  beforeEach(() => {
    shelf = new Shelf();
    now = 1_000_000;
  });
  const take = (run: () => Promise<void> = async () => undefined) => leased(run, () => now, shelf);

  it("lets one tab in at a time, and the next after it", async () => {
    let second: boolean | undefined;
    expect(await take(async () => void (second = await take()))).toBe(true);
    expect(second).toBe(false);
    expect(await take()).toBe(true);
  });

  it("of a killed tab ends by itself", async () => {
    void take(() => new Promise(() => undefined));
    expect(await take()).toBe(false);
    now += 150_001;
    expect(await take()).toBe(true);
  });

  it("is given back after a fault", async () => {
    await expect(take(() => Promise.reject(new Error("x")))).rejects.toThrow("x");
    expect(await take()).toBe(true);
  });
});
