import { QueryClient, VueQueryPlugin } from "@tanstack/vue-query";
import { mount, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { session } from "@/api/session";
import { someone } from "@/api/someone";
import { i18n } from "@/i18n";

import { EMPTY, toBody } from "./layouts";
import WallPage from "./WallPage.vue";

const cameras = Array.from({ length: 6 }, (_, i) => ({ id: `c${i}`, name: `Camera ${i}`, owner: "School", enabled: true, health: null }));

let view: VueWrapper;
const at = (name: string) => view.find(`[data-test="${name}"]`);
/** What the hub has to answer before this is answered. */
let gate: Promise<unknown>;
let blocked: boolean;

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  i18n.global.locale.value = "en";
  session.me = someone("li", "operator", ["live.watch", "layouts.write"]);
  gate = Promise.resolve();
  blocked = false;
  vi.stubGlobal("fetch", async (path: string | Request) => {
    await gate;
    const address = typeof path === "string" ? path : path.url;
    if (address.includes("/grids")) return new Response('{"code": "away", "detail": ""}', { status: 409, headers: { "content-type": "application/json" } });
    const items = address.includes("/cameras") ? cameras : [];
    return new Response(JSON.stringify({ items }), { headers: { "content-type": "application/json" } });
  });
  class Silent extends EventTarget {
    send(): void {}
    close(): void {}
  }
  vi.stubGlobal("WebSocket", Silent);
  vi.stubGlobal("open", () => (blocked ? null : { closed: false }));
});

afterEach(() => {
  view.unmount();
  vi.unstubAllGlobals();
  vi.useRealTimers();
  session.me = null;
});

async function open(): Promise<void> {
  const plugins = [i18n, [VueQueryPlugin, { queryClient: new QueryClient({ defaultOptions: { queries: { retry: false } } }) }] as never];
  view = mount(WallPage, { global: { plugins, stubs: { RouterLink: true } }, attachTo: document.body });
  await vi.advanceTimersByTimeAsync(50);
}

it("a wall says that it is loading, and what it could not load", async () => {
  let answer: (value: unknown) => void = () => undefined;
  gate = new Promise((resolve) => (answer = resolve));
  await open();
  expect([at("loading").exists(), at("tiles").exists()]).toEqual([true, false]);
  answer(null);
  await vi.advanceTimersByTimeAsync(50);
  expect([at("loading").exists(), at("tile-1").attributes("data-camera")]).toEqual([false, "c0"]);
  expect(view.findAll('[data-test="wall-note"]').map((note) => note.attributes("data-what"))).toEqual(["grids"]);
  await at("wall-note-close").trigger("click");
  expect(at("wall-note").exists()).toBe(false);
});

it("a tour runs beside the open tree, and rests while somebody chooses there or drags", async () => {
  localStorage.setItem("hub.wall.1", JSON.stringify(toBody({ ...EMPTY, size: 4, cameras: cameras.map(({ id }) => id), tourS: 5 })));
  await open();
  expect([at("tree").exists(), at("page").text(), at("tour-state").exists()]).toEqual([true, "1 / 2", false]);
  await vi.advanceTimersByTimeAsync(6_000);
  expect(at("page").text()).toBe("2 / 2");
  await at("tree").trigger("pointerenter");
  await vi.advanceTimersByTimeAsync(20_000);
  expect([at("page").text(), at("tour-state").text()]).toEqual(["2 / 2", "paused"]);
  await at("tree").trigger("pointerleave");
  await at("tile-1").trigger("dragstart");
  expect(at("tour-state").exists()).toBe(true);
  await at("tile-1").trigger("dragend");
  expect(at("tour-state").exists()).toBe(false);
  await at("tile-1").trigger("dragstart");
  await at("tile-1").trigger("pointermove", { buttons: 1 });
  expect(at("tour-state").exists()).toBe(true);
  await at("tile-1").trigger("pointermove", { buttons: 0 });
  expect(at("tour-state").exists()).toBe(false);
  await vi.advanceTimersByTimeAsync(6_000);
  expect(at("page").text()).toBe("1 / 2");
});

it("a screen that the browser blocks is told", async () => {
  await open();
  await at("new-screen").trigger("click");
  expect(at("notice").text()).toBe("");
  blocked = true;
  await at("new-screen").trigger("click");
  expect(at("notice").text()).toContain("blocked the window of screen 3");
});
