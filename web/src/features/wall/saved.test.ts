import { QueryClient, VueQueryPlugin } from "@tanstack/vue-query";
import { flushPromises, mount, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { defineComponent, h, ref, shallowRef } from "vue";

import { session } from "@/api/session";
import { someone } from "@/api/someone";
import { i18n } from "@/i18n";
import { sheetOpen } from "@/ui/keys";

import { useSensorNames } from "./data";
import { dropped, setDragged } from "./drag";
import { EMPTY, put, toBody, type Layout } from "./layouts";
import { useNotes } from "./useNotes";
import { useSaved } from "./useSaved";
import { freeScreen, useScreens } from "./useScreens";
import type { Wall } from "./useWall";
import { useWallKeys } from "./useWallKeys";

/** Answers by method and path; what is asked is kept. */
let answers: Record<string, () => unknown>;
let asked: string[];
let view: VueWrapper | undefined;

/** Run composables as a page would. */
function inside<T>(setup: () => T): T {
  let made: T | undefined;
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const page = defineComponent({ setup: () => ((made = setup()), () => h("div")) });
  view = mount(page, { global: { plugins: [i18n, [VueQueryPlugin, { queryClient: client }]] } });
  return made as T;
}

beforeEach(() => {
  asked = [];
  answers = {};
  session.me = someone("li", "operator", ["live.watch", "layouts.write"]);
  vi.stubGlobal("fetch", async (path: string, init: RequestInit = {}) => {
    const call = `${init.method ?? "GET"} ${path}`;
    asked.push(call);
    const body = answers[call]?.();
    const status = body === undefined ? 503 : 200;
    return new Response(JSON.stringify(body ?? { code: "away" }), { status, headers: { "content-type": "application/json" } });
  });
});

afterEach(() => {
  view?.unmount();
  vi.unstubAllGlobals();
  vi.useRealTimers();
  session.me = null;
});

const LAYOUTS = "/api/v1/wall/layouts";
const gate: Layout = put(EMPTY, 0, ["gate"]);
const saidOf = (id: string, layout: Layout, more = {}) => ({ id, name: id, owner: "li", shared: false, version: 1, mine: true, body: toBody(layout), ...more });

describe("saved layouts", () => {
  const open = () => {
    const layout = shallowRef<Layout>(EMPTY);
    const wall = { layout, set: (next: Layout) => void (layout.value = next) } as unknown as Wall;
    return { layout, ...inside(() => useSaved(wall)) };
  };

  it("are loaded onto the wall, and know what was changed since", async () => {
    answers[`GET ${LAYOUTS}`] = () => ({ items: [saidOf("a", gate)] });
    const saved = open();
    await flushPromises();
    saved.load(saved.layouts.value[0] as never);
    expect([saved.layout.value.cameras, saved.changed.value, saved.maySaveOver.value]).toEqual([["gate"], false, true]);
    saved.layout.value = put(gate, 1, ["yard"]);
    expect(saved.changed.value).toBe(true);
  });

  it("of colleagues appear on a wall that stays open", async () => {
    vi.useFakeTimers();
    answers[`GET ${LAYOUTS}`] = () => ({ items: [] });
    const saved = open();
    await vi.advanceTimersByTimeAsync(10);
    expect(saved.layouts.value).toEqual([]);
    answers[`GET ${LAYOUTS}`] = () => ({ items: [saidOf("b", gate, { shared: true, mine: false })] });
    await vi.advanceTimersByTimeAsync(30_000);
    expect(saved.layouts.value.map(({ id }) => id)).toEqual(["b"]);
  });

  it("are not saved over what somebody else has saved meanwhile", async () => {
    vi.useFakeTimers();
    answers[`GET ${LAYOUTS}`] = () => ({ items: [saidOf("a", gate)] });
    const saved = open();
    await vi.advanceTimersByTimeAsync(10);
    saved.load(saved.layouts.value[0] as never);
    answers[`GET ${LAYOUTS}`] = () => ({ items: [saidOf("a", put(gate, 1, ["theirs"]), { version: 2 })] });
    await vi.advanceTimersByTimeAsync(30_000);
    expect(saved.current.value?.version).toBe(2);
    let version: unknown;
    vi.stubGlobal("fetch", async (_path: string, init: RequestInit = {}) => {
      if (init.method === "PUT") version = JSON.parse(String(init.body)).version;
      return new Response(JSON.stringify({ code: "stale_version" }), { status: 409, headers: { "content-type": "application/json" } });
    });
    await saved.save();
    expect([version, saved.problem.value?.code, saved.current.value]).toEqual([1, "stale_version", null]);
  });

  it("say whether they were kept, and what was wrong until that is read", async () => {
    answers[`GET ${LAYOUTS}`] = () => ({ items: [] });
    const saved = open();
    await flushPromises();
    expect(await saved.saveAs("North", true)).toBe(false);
    expect(saved.problem.value?.code).toBe("away");
    saved.forgive();
    expect(saved.problem.value).toBeNull();
    answers[`POST ${LAYOUTS}`] = () => saidOf("n", EMPTY);
    expect(await saved.saveAs("North", true)).toBe(true);
  });
});

describe("the wall's other queries", () => {
  it("read the names of all sensors", async () => {
    answers["GET /api/v1/sensors?limit=500&after="] = () => ({ items: [{ id: "a", name: "A" }], next: "a" });
    answers["GET /api/v1/sensors?limit=500&after=a"] = () => ({ items: [{ id: "b", name: "B" }], next: null });
    const names = inside(useSensorNames);
    await flushPromises();
    expect([...(names.data.value ?? [])]).toEqual([["a", "A"], ["b", "B"]]);
  });

  it("are told of when they fail, until they are put away", async () => {
    const { notes } = inside(() => ({ notes: useNotes({ sensors: useSensorNames() }) }));
    await flushPromises();
    expect(notes.notes.value.map(({ what }) => what)).toEqual(["sensors"]);
    notes.close("sensors");
    expect(notes.notes.value).toEqual([]);
  });
});

describe("the screens of a wall", () => {
  it("are numbered by what is free", () => {
    expect([freeScreen(new Set([1])), freeScreen(new Set([1, 2, 3])), freeScreen(new Set([1, 3]))]).toEqual([2, 4, 2]);
  });

  it("open one after the other, and again when one was closed", async () => {
    const windows: { closed: boolean; path: string }[] = [];
    const open = vi.fn((path: string) => {
      windows.push({ closed: false, path });
      return windows.at(-1);
    });
    vi.stubGlobal("open", open);
    vi.stubGlobal("navigator", { locks: { query: async () => ({ held: [{ name: "hub.wall.screen.3" }, { name: "other" }] }), request: async () => undefined } });
    const screens = inside(() => useScreens(1));
    await flushPromises();
    expect([screens.open(), screens.open()]).toEqual([true, true]);
    expect(windows.map(({ path }) => path)).toEqual(["/wall/2", "/wall/4"]);
    (windows[0] as { closed: boolean }).closed = true;
    expect(screens.open()).toBe(true);
    expect(windows.at(-1)?.path).toBe("/wall/2");
  });

  it("tell of a window that the browser blocks", () => {
    vi.stubGlobal("open", () => null);
    const screens = inside(() => useScreens(1));
    expect([screens.open(), screens.next.value]).toEqual([false, 2]);
  });
});

describe("the keyboard of the wall", () => {
  const press = (key: string, more: KeyboardEventInit = {}) => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, ...more }));

  it("moves, enlarges, goes back, and acknowledges once however long the key is held", () => {
    const done: string[] = [];
    const enlarged = ref<string | null>(null);
    const treeOpen = ref(true);
    let may = false;
    const note = (what: string) => () => void done.push(what);
    const wall = { move: note("move"), clear: note("clear"), selected: ref(0), resize: (n: number) => done.push(`size ${n}`), turn: (by: number) => done.push(`turn ${by}`), toggleTour: note("tour") };
    inside(() =>
      useWallKeys({
        wall: wall as unknown as Wall, enlarged, treeOpen, focusTile: note("focus"), pick: note("pick"), full: note("full"),
        openScreen: note("screen"), mayEnlarge: () => may, selectedCamera: () => "gate", snapshot: note("snapshot"), acknowledge: note("ack"),
      }),
    );
    sheetOpen.value = false;
    press("Enter");
    expect(enlarged.value).toBeNull();
    may = true;
    ["ArrowRight", "Enter"].forEach((key) => press(key));
    expect([enlarged.value, done]).toEqual(["gate", ["move", "focus"]]);
    press("Escape");
    expect([enlarged.value, treeOpen.value]).toEqual([null, true]);
    press("Escape");
    expect(treeOpen.value).toBe(false);
    done.length = 0;
    press("a");
    press("a", { repeat: true });
    ["2", "]", "t", "w", "s"].forEach((key) => press(key));
    expect(done).toEqual(["ack", "size 4", "turn 1", "tour", "screen", "snapshot"]);
  });
});

describe("what is dragged", () => {
  const event = (data: Record<string, string>) =>
    ({ dataTransfer: { setData: (type: string, text: string) => (data[type] = text), getData: (type: string) => data[type] ?? "" } }) as unknown as DragEvent;

  it("comes as it was taken up, and nothing else does", () => {
    const data: Record<string, string> = {};
    setDragged(event(data), { cameras: ["a", "b"], from: 3 });
    expect(dropped(event(data))).toEqual({ cameras: ["a", "b"], from: 3 });
    expect(dropped(event({ "text/plain": "a" }))).toBeNull();
    expect(dropped(new Event("drop") as DragEvent)).toBeNull();
  });
});
