import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Stage, type StageHooks } from "./stage";

const HERE = { lon: 103.2, lat: 38.6 };

describe("a click on the ground", () => {
  let stage: Stage;
  let ground: HTMLElement;
  let open = false;
  const seen: boolean[] = [];
  const hooks = { moved: vi.fn(), ground: vi.fn(() => seen.push(open)), popupClosed: vi.fn(() => (open = false)) } satisfies StageHooks;

  beforeEach(() => {
    vi.clearAllMocks();
    seen.length = 0;
    localStorage.setItem("hub.map.view", JSON.stringify([HERE.lon, HERE.lat, 15]));
    ground = document.body.appendChild(document.createElement("div"));
    Object.defineProperties(ground, { clientWidth: { value: 800 }, clientHeight: { value: 600 } });
    stage = new Stage(ground, hooks, { in: "+", out: "-" });
  });
  afterEach(() => {
    stage.destroy();
    ground.remove();
  });
  const click = () => ground.dispatchEvent(new MouseEvent("click", { bubbles: true, clientX: 300, clientY: 200 }));

  it("tells of the place", () => {
    click();
    expect(hooks.ground).toHaveBeenCalledTimes(1);
    expect(hooks.popupClosed).not.toHaveBeenCalled();
  });

  it("finds the pop-over still open: the page closes it, and opens no other instead", () => {
    stage.open(HERE);
    open = true;
    click();
    expect(seen).toEqual([true]);
    stage.close();
    expect(hooks.popupClosed).toHaveBeenCalledTimes(1);
  });
});
