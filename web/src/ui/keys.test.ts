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

describe("the page beneath an open dialogue", () => {
  const scope = effectScope();
  const run = vi.fn();
  const own = { above: true, run: vi.fn() };
  scope.run(() =>
    useKeys([
      { keys: ["c"], what: () => "confirm", run },
      { keys: ["?"], what: () => "keys", above: () => own.above, run: own.run },
    ]),
  );
  const press = (key = "c") => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  afterEach(() => document.body.replaceChildren());

  it.each(["<dialog open><button disabled>OK</button></dialog>", '<div role="dialog" aria-modal="true"></div>'])("takes no keys, also when the dialogue has lost the focus: %s", (dialogue) => {
    run.mockClear();
    document.body.innerHTML = dialogue;
    press();
    expect(run).not.toHaveBeenCalled();
  });

  it("leaves the dialogue's own keys alone", () => {
    document.body.innerHTML = "<dialog open></dialog>";
    press("?");
    own.above = false;
    press("?");
    expect(own.run).toHaveBeenCalledTimes(1);
  });

  it("takes them again when it is closed", () => {
    run.mockClear();
    document.body.innerHTML = "<dialog></dialog>";
    press();
    expect(run).toHaveBeenCalledTimes(1);
    scope.stop();
  });
});
