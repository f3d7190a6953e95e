import { effectScope } from "vue";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { useKeys } from "./keys";

describe("a key that is held", () => {
  const scope = { now: effectScope() };
  const run = { judge: vi.fn(), next: vi.fn(), move: vi.fn() };
  const press = (key: string, repeat = false): KeyboardEvent => {
    const event = new KeyboardEvent("keydown", { key, repeat, cancelable: true, bubbles: true });
    document.body.dispatchEvent(event);
    return event;
  };

  beforeEach(() => {
    vi.clearAllMocks();
    scope.now = effectScope();
    const named = { what: () => "what" };
    scope.now.run(() =>
      useKeys([
        { ...named, keys: ["a", " "], run: run.judge },
        { ...named, keys: ["j"], run: run.next, repeats: true },
        { ...named, keys: ["ArrowLeft"], run: run.move },
      ]),
    );
  });
  afterEach(() => scope.now.stop());

  it("acts once, however long it is held", () => {
    press("a");
    for (let n = 0; n < 30; n += 1) press("a", true);
    expect(run.judge).toHaveBeenCalledTimes(1);
  });

  it("is not left to the browser either: a held space does not scroll", () => {
    expect(press(" ", true).defaultPrevented).toBe(true);
    expect(run.judge).not.toHaveBeenCalled();
  });

  it("goes on where it moves", () => {
    for (const repeat of [false, true, true]) {
      press("j", repeat);
      press("ArrowLeft", repeat);
    }
    expect(run.next).toHaveBeenCalledTimes(3);
    expect(run.move).toHaveBeenCalledTimes(3);
  });
});
