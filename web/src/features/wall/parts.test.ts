import { flushPromises, mount, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { nextTick, ref, shallowReactive } from "vue";

import { i18n } from "@/i18n";
import type { Look } from "@/live/deck";
import type { Whep } from "@/live/webrtc";
import type { Wanted } from "@/live/wire";

import CameraTree from "./CameraTree.vue";
import { EMPTY } from "./layouts";
import { NOBODY, told, type AlertSaid, type PopUp } from "./popups";
import WallBar from "./WallBar.vue";
import WallNotes from "./WallNotes.vue";

const whep = vi.hoisted(() => ({ answer: null as unknown as Whep }));
vi.mock("@/live/webrtc", () => ({ watch: async () => whep.answer }));

const shown: Wanted[] = [];
const looks = shallowReactive(new Map<number, Look>());
vi.mock("./useDeck", () => ({
  useDeck: () => ({ looks, line: ref("live"), show: (wanted: Wanted) => shown.push(wanted), hide: () => undefined, now: () => 0 }),
}));
vi.mock("@/api/site", () => ({ useSite: () => ref({ time_zone: "UTC", name: "" }) }));

const { default: EnlargedView } = await import("./EnlargedView.vue");
const { default: PopUpStack } = await import("./PopUpStack.vue");

const global = { plugins: [i18n], stubs: { RouterLink: { template: "<a><slot /></a>" } } };
let view: VueWrapper;
const at = (name: string) => view.find(`[data-test="${name}"]`);

beforeEach(() => {
  i18n.global.locale.value = "zh";
  shown.length = 0;
  looks.clear();
});
afterEach(() => view.unmount());

const alert = (id: string): PopUp =>
  told(NOBODY, { id, severity: "P1", rule_kind: "x", source: "s", source_kind: "sensor", ack: "unacked", verdict: null, merged_into: null, raised_at: 1, version: 1 } as AlertSaid).list[0] as PopUp;

describe("the pop-ups", () => {
  it("are acknowledged once they have stood for a moment, and not before", async () => {
    const props = {
      shown: [alert("a"), null, alert("c")], settled: new Set(["c"]), held: [], count: 2, whole: true, next: "c", names: new Map(), grids: new Map(),
      firstTile: 9, problem: null, unread: null, mayAck: true,
    };
    view = mount(PopUpStack, { props, global });
    const acks = view.findAll('[data-test="popup-ack"]');
    acks.forEach((each) => (each.element as HTMLElement).dispatchEvent(new MouseEvent("click", { bubbles: true })));
    expect(view.emitted("ack")).toEqual([["c"]]);
    await at("place-1").trigger("pointermove");
    await at("place-1").trigger("pointerleave");
    expect([view.emitted("hold"), view.emitted("release")]).toEqual([[[1, "pointer"]], [[1, "pointer"]]]);
  });

  it("pass the focus on to a card when one was acknowledged by a key, and tell how many more there are", async () => {
    const props = {
      shown: [alert("a"), alert("b"), null], settled: new Set(["a", "b"]), held: [], count: 90, whole: false, next: "a", names: new Map(), grids: new Map(),
      firstTile: 9, problem: null, unread: null, mayAck: true, onAck: () => void view.setProps({ shown: [null, alert("b"), null] }),
    };
    view = mount(PopUpStack, { props, global, attachTo: document.body });
    expect(at("popup-more").text()).toContain("88+");
    const button = at("popup-ack").element as HTMLElement;
    button.focus();
    button.click();
    await flushPromises();
    expect(document.activeElement?.getAttribute("data-alert")).toBe("b");
  });

  it("keep the emptied place under the pointer, so that a second click meets nothing", async () => {
    const props = {
      shown: [null, null, null], settled: new Set<string>(), held: [0], count: 0, whole: true, next: undefined, names: new Map(), grids: new Map(),
      firstTile: 9, problem: null, unread: null, mayAck: true,
    };
    view = mount(PopUpStack, { props, global });
    expect(at("place-0").classes()).toContain("solid");
    expect(at("place-1").classes()).not.toContain("solid");
    await view.setProps({ held: [] });
    expect(at("popups").exists()).toBe(false);
    await view.setProps({ unread: { status: 503, code: "x", title: "", detail: "", errors: [] } });
    expect(at("popups-unread").text()).toContain("待签收告警");
  });
});

describe("one camera large", () => {
  const open = () => {
    view = mount(EnlargedView, { props: { camera: "c1", item: undefined, tile: 900, reason: "alert" }, global });
    return flushPromises();
  };
  const peer = Object.assign(new EventTarget(), { connectionState: "connected" });
  const live = () => ({ kind: "live", stream: {}, peer, close: () => undefined }) as unknown as Whep;
  let frame: (() => void) | undefined;

  beforeEach(() => {
    peer.connectionState = "connected";
    HTMLVideoElement.prototype.requestVideoFrameCallback = function (call) {
      frame = () => call(0, { mediaTime: 0 } as VideoFrameCallbackMetadata);
      return 1;
    };
    HTMLVideoElement.prototype.cancelVideoFrameCallback = () => void (frame = undefined);
    Object.defineProperty(HTMLVideoElement.prototype, "srcObject", { value: null, writable: true, configurable: true });
  });

  it("takes its main stream over the socket where WebRTC does not go", async () => {
    whep.answer = { kind: "needs_socket", why: "needs_socket" };
    await open();
    expect(at("enlarged").attributes("data-mode")).toBe("socket");
    expect(shown.map(({ tile, role, reason }) => [tile, role, reason])).toEqual([[900, "sub", "alert"], [900, "main", "alert"]]);
  });

  it("goes there too when the connection ends, or no picture comes", async () => {
    vi.useFakeTimers();
    whep.answer = live();
    await open();
    frame?.();
    await nextTick();
    expect(at("enlarged").attributes("data-mode")).toBe("rtc");
    peer.connectionState = "failed";
    peer.dispatchEvent(new Event("connectionstatechange"));
    await nextTick();
    expect(at("enlarged").attributes("data-mode")).toBe("socket");
    view.unmount();
    peer.connectionState = "connected";
    await open();
    vi.advanceTimersByTime(3_100);
    await nextTick();
    expect(at("enlarged").attributes("data-mode")).toBe("socket");
    vi.useRealTimers();
  });

  it("covers the WebRTC picture too while the camera is frozen, with the time in the reader's language", async () => {
    whep.answer = live();
    await open();
    frame?.();
    const look = { camera: "c1", state: "frozen", why: "the same picture for 12 s", lastPictureAt: 5000, hasPicture: true, shownAt: 5012, ageS: 0.1 };
    looks.set(900, look as Look);
    await nextTick();
    expect(at("enlarged").attributes("data-mode")).toBe("rtc");
    expect(at("tile-state").text()).toBe("画面冻结画面自 1970年1月1日 01:23:20 起没有变化");
    expect(at("tile-state").attributes("title")).toBe("the same picture for 12 s");
    looks.set(900, { ...look, state: "offline", why: "sub: wrong_password: 401" } as Look);
    await nextTick();
    expect(at("tile-state").text()).toContain("用户名或密码错误");
    expect(at("tile-state").text()).not.toContain("401");
    looks.set(900, { ...look, state: "online", hasPicture: false } as Look);
    await nextTick();
    expect(at("tile-state").exists()).toBe(false);
  });
});

describe("the bar", () => {
  const props = {
    layout: { ...EMPTY, tourS: 10 }, page: 0, pageCount: 2, tour: "paused" as const, saved: [], current: null, changed: false,
    maySave: true, maySaveOver: false, treeOpen: false, nextScreen: 3,
  };

  it("keeps the name that was typed until the layout is kept", async () => {
    let answer: (kept: boolean) => void = () => undefined;
    const saveAs = vi.fn(() => new Promise<boolean>((resolve) => (answer = resolve)));
    view = mount(WallBar, { props: { ...props, saveAs }, global });
    await at("layout-save-as").trigger("click");
    await at("layout-name").setValue(" North gate ");
    await at("layout-form").trigger("submit");
    answer(false);
    await flushPromises();
    expect((at("layout-name").element as HTMLInputElement).value.trim()).toBe("North gate");
    await at("layout-form").trigger("submit");
    answer(true);
    await flushPromises();
    expect(saveAs.mock.calls).toEqual([["North gate", false], ["North gate", false]]);
    expect(at("layout-form").exists()).toBe(false);
  });

  it("says that a tour is paused, and which screen comes next", async () => {
    view = mount(WallBar, { props: { ...props, saveAs: async () => true }, global });
    expect([at("tour-state").text(), at("new-screen").text()]).toEqual(["已暂停", "开 3 号屏"]);
    await view.setProps({ tour: "running" });
    expect(at("tour-state").exists()).toBe(false);
  });
});

it("the notes are closed and tried again", async () => {
  const retry = vi.fn();
  const error = { status: 503, code: "x", title: "", detail: "", errors: [] };
  view = mount(WallNotes, { props: { notes: [{ what: "grids", error, retry }] }, global });
  await at("wall-note-retry").trigger("click");
  await at("wall-note-close").trigger("click");
  expect([retry.mock.calls.length, view.emitted("close")]).toEqual([1, [["grids"]]]);
});

it("the tree says when somebody chooses there", async () => {
  view = mount(CameraTree, { props: { cameras: [], grids: [], onWall: new Set<string>(), target: 0 }, global });
  expect(view.emitted("busy")).toBeUndefined();
  await at("tree").trigger("pointerenter");
  await at("tree-search").trigger("focus");
  await at("tree").trigger("pointerleave");
  await at("tree-search").trigger("blur");
  expect(view.emitted("busy")).toEqual([[true], [false]]);
});
