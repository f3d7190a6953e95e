import { afterEach, beforeEach, expect, it, vi } from "vitest";

const outgrow = vi.hoisted(() => vi.fn<(may: () => boolean) => void>());
vi.mock("@/app/renew", () => ({ outgrow }));

import { registerWorker } from "./install";
import { sending } from "./phone";

class Container extends EventTarget {
  controller: object | null = null;
  update = vi.fn(async () => undefined);
  register = vi.fn(async () => ({ update: this.update }));
  change(controller: object): void {
    this.controller = controller;
    this.dispatchEvent(new Event("controllerchange"));
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubEnv("PROD", true);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it("newer pages are looked for while the app stays open, and taken when nothing is on its way", async () => {
  const container = new Container();
  vi.stubGlobal("navigator", { serviceWorker: container });
  registerWorker();
  await vi.advanceTimersByTimeAsync(1);
  container.change({ version: 1 });
  expect(outgrow).not.toHaveBeenCalled();

  document.dispatchEvent(new Event("visibilitychange"));
  expect(container.update).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(3_600_000);
  document.dispatchEvent(new Event("visibilitychange"));
  document.dispatchEvent(new Event("visibilitychange"));
  expect(container.update).toHaveBeenCalledTimes(1);

  container.change({ version: 2 });
  const may = outgrow.mock.lastCall?.[0];
  expect(may?.()).toBe(true);
  sending.value = "a word";
  expect(may?.()).toBe(false);
  sending.value = null;
});
