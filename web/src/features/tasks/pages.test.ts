import "fake-indexeddb/auto";

import { VueQueryPlugin } from "@tanstack/vue-query";
import { enableAutoUnmount, flushPromises, mount, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { defineComponent, h, type Plugin } from "vue";

import { queryClient } from "@/api/queries";
import { session } from "@/api/session";
import { someone } from "@/api/someone";
import { i18n } from "@/i18n";

import DoneForm from "./DoneForm.vue";
import { aTask, anItem, ME, NOW, until } from "./given";
import NextStep from "./NextStep.vue";
import { lineOf } from "./order";
import OutList from "./OutList.vue";
import { addPhoto, desk, items, sending, tasks } from "./phone";
import { shrink } from "./photo";
import { store } from "./store";
import TaskPage from "./TaskPage.vue";
import TasksPage from "./TasksPage.vue";
import type { Task } from "./types";

vi.mock("./photo", () => ({ shrink: vi.fn() }));
// What is said here stays in the outbox.
vi.mock("./sender", () => ({
  Sender: class {
    kick = async () => undefined;
  },
}));

const PhoneFrame = defineComponent({ setup: (_, { slots }) => () => h("div", slots.default?.()) });
const query: [Plugin, object] = [VueQueryPlugin, { queryClient }];
const global = { plugins: [i18n, query], stubs: { PhoneFrame } };
const named = (page: VueWrapper, name: string) => page.find(`[data-test="${name}"]`);
const lineIn = (state: Task["state"]) => lineOf(aTask("a", { state, assignee: ME }), [], ME, null, NOW);

function full(): void {
  vi.spyOn(store, "add").mockRejectedValueOnce(new DOMException("full", "QuotaExceededError"));
}

/** What the hub answers to a question for one task; nothing: there is no network. */
let one: Task | null = null;

beforeEach(async () => {
  localStorage.clear();
  vi.stubGlobal("fetch", async (path: string) => {
    if (!one || !path.endsWith(`/tasks/${one.id}`)) throw new TypeError("no network");
    return new Response(JSON.stringify(one), { headers: { "content-type": "application/json" } });
  });
  one = null;
  session.me = someone(ME, "worker");
  session.status = "in";
  tasks.value = [];
  sending.value = null;
  Object.assign(desk, { state: "ready", at: 1, problem: null });
  await store.remove((await store.items()).map((item) => item.key));
  items.value = [];
});
afterEach(() => vi.restoreAllMocks());
enableAutoUnmount(afterEach);

describe("the last word", () => {
  const form = () => mount(DoneForm, { props: { taskId: "a", visited: true }, global });

  it("waits for a photo that is still being made smaller, and takes it along", async () => {
    let small: (bytes: ArrayBuffer) => void = () => undefined;
    vi.mocked(shrink).mockReturnValue(new Promise((resolve) => (small = resolve)));
    const page = form();
    const input = named(page, "photo");
    Object.defineProperty(input.element, "files", { value: [new File(["x"], "p.jpg")] });
    await input.trigger("change");
    expect(named(page, "finish").attributes("disabled")).toBeDefined();
    await page.trigger("submit");
    await flushPromises();
    expect(await store.items()).toEqual([]);
    small(new ArrayBuffer(1));
    await until(() => expect(named(page, "finish").attributes("disabled")).toBeUndefined());
    await page.trigger("submit");
    await until(async () => {
      expect((await store.items()).map((item) => `${item.kind} ${item.state}`)).toEqual(["photo queued", "done queued"]);
    });
  });

  it("that the phone does not keep is said to be so, and the report stays", async () => {
    const page = form();
    await named(page, "note").setValue("Fence mended.");
    full();
    await page.trigger("submit");
    await until(() => expect(named(page, "unkept").exists()).toBe(true));
    expect(named(form(), "note").element).toMatchObject({ value: "Fence mended." });
    await page.trigger("submit");
    await until(async () => expect(await store.items()).toMatchObject([{ kind: "done", note: "Fence mended." }]));
    await until(() => expect(named(form(), "note").element).toMatchObject({ value: "" }));
    expect(named(page, "unkept").exists()).toBe(false);
  });
});

describe("the list", () => {
  it("says where it is not all there is", async () => {
    tasks.value = [aTask("a"), aTask("b")];
    desk.cut = true;
    const page = mount(TasksPage, { global: { ...global, stubs: { PhoneFrame, RouterLink: true } } });
    expect(named(page, "cut").text()).toContain("2");
    desk.cut = false;
    await flushPromises();
    expect(named(page, "cut").exists()).toBe(false);
  });
});

describe("the next step", () => {
  const step = (state: Task["state"]) => mount(NextStep, { props: { line: lineIn(state) }, global });

  it("that the phone does not keep is said to be so, and can be tapped again", async () => {
    const page = step("delivered");
    full();
    await named(page, "say-accept").trigger("click");
    await until(() => expect(named(page, "unkept").exists()).toBe(true));
    expect(named(page, "say-accept").attributes("disabled")).toBeUndefined();
    await named(page, "say-accept").trigger("click");
    await until(async () => expect(await store.items()).toMatchObject([{ kind: "accept" }]));
    expect(named(page, "unkept").exists()).toBe(false);
  });

  it("of what another accepted is to take it over, and to say why", async () => {
    const line = lineOf(aTask("a", { state: "on_scene", assignee: "x" }), [], ME, null, NOW);
    const page = mount(NextStep, { props: { line }, global });
    expect(named(page, "say-on_scene").exists()).toBe(false);
    await named(page, "take-over").trigger("click");
    await named(page, "because-off_duty").trigger("click");
    await until(async () => expect(await store.items()).toMatchObject([{ kind: "take_over", note: "They are off duty" }]));
  });

  it("of a finished task shows the photos that were never sent", async () => {
    await addPhoto("a", new ArrayBuffer(1), false);
    const page = step("done");
    await named(page, "send-photos").trigger("click");
    await until(async () => expect(await store.items()).toMatchObject([{ kind: "photo", state: "queued" }]));
  });
});

describe("what was said", () => {
  it("can be taken back until it is under way", async () => {
    const [done, photo] = [anItem("a", "done"), anItem("a", "photo")];
    const page = mount(OutList, { props: { items: [done, photo] }, global });
    expect(page.findAll('[data-test="revoke"]')).toHaveLength(1);
    sending.value = done.key;
    await flushPromises();
    expect(named(page, "revoke").exists()).toBe(false);
    await page.setProps({ items: [{ ...done, state: "sent" }, photo] });
    sending.value = null;
    await flushPromises();
    expect(named(page, "revoke").exists()).toBe(false);
  });
});

describe("a task opened by its address", () => {
  const page = () => mount(TaskPage, { props: { id: "x" }, global });

  it("without a network comes when the network is back, by itself or by a tap", async () => {
    const [waiting, tapped] = [page(), page()];
    await until(() => expect(named(waiting, "failed").exists() && named(tapped, "failed").exists()).toBe(true));
    one = aTask("x");
    await named(tapped, "retry").trigger("click");
    await until(() => expect(named(tapped, "next").exists()).toBe(true));
    expect(named(waiting, "failed").exists()).toBe(true);
    desk.at = 2;
    await until(() => expect(named(waiting, "next").exists()).toBe(true));
  });

  it("stays on the page when the list is loaded anew, and is as new as the list", async () => {
    one = aTask("x");
    const shown = page();
    await until(() => expect(named(shown, "next").exists()).toBe(true));
    one = aTask("x", { state: "accepted", assignee: ME });
    tasks.value = [aTask("a")];
    desk.at = 2;
    await flushPromises();
    expect(named(shown, "next").exists()).toBe(true);
    await until(() => expect(named(shown, "state").attributes("data-state")).toBe("accepted"));
  });

  it("stays on the page too when it leaves the list and cannot be asked for", async () => {
    tasks.value = [aTask("x")];
    const shown = page();
    [tasks.value, desk.at] = [[], 2];
    await flushPromises();
    expect(named(shown, "next").exists()).toBe(true);
  });
});
