import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createMemoryHistory, createRouter } from "vue-router";

import { queryClient } from "@/api/queries";
import { PLUGINS, pretendHub, resetFeed, rowOf, tell } from "@/features/alerts/pretend";
import { setLanguage } from "@/i18n";

import MapPage from "./MapPage.vue";

describe("the map", () => {
  let hub: ReturnType<typeof pretendHub>;

  beforeEach(() => {
    vi.useFakeTimers();
    setLanguage("en");
    localStorage.setItem("hub.map.view", "[120.5,37,15]");
    hub = pretendHub();
    for (const side of ["clientWidth", "clientHeight"] as const) vi.spyOn(HTMLElement.prototype, side, "get").mockReturnValue(600);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
    queryClient.clear();
  });

  async function open() {
    const routes = [{ path: "/map", component: MapPage }, { path: "/alerts/:id", component: { template: "<p />" } }];
    const router = createRouter({ history: createMemoryHistory(), routes });
    await router.push("/map");
    const page = mount({ template: "<RouterView />" }, { attachTo: document.body, global: { plugins: [router, ...PLUGINS] } });
    await flushPromises();
    for (const each of hub.asked) await each.answer({ items: [], features: [], next: null });
    await flushPromises();
    const canvas = page.get("[data-test=map-canvas]");
    const click = async () => {
      await canvas.trigger("click", { clientX: 200, clientY: 100 });
      await flushPromises();
    };
    const card = () => document.querySelector("[data-test=map-picked]")?.getAttribute("data-kind") ?? null;
    return { page, router, click, card };
  }

  it("tells who is near a click on the ground, and closes what is open at the next, opening nothing else", async () => {
    const { page, click, card } = await open();
    expect(card()).toBeNull();
    await click();
    expect(card()).toBe("near");
    await click();
    expect(card()).toBeNull();
    await click();
    expect(card()).toBe("near");
    page.unmount();
  });

  it("shows an alert that is told, keeps its mark where nothing of it changed, and opens it", async () => {
    const { page, router } = await open();
    const mark = () => document.querySelector<HTMLElement>("[data-test=map-alert]");
    tell(rowOf("fire", "P1", 1));
    await vi.advanceTimersByTimeAsync(300);
    const first = mark();
    expect(first?.dataset.alert).toBe("fire");
    tell({ ...rowOf("fire", "P1", 1), version: 2, findings: 9 });
    await vi.advanceTimersByTimeAsync(300);
    expect(mark()).toBe(first);
    first?.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    await flushPromises();
    expect(router.currentRoute.value.path).toBe("/alerts/fire");
    page.unmount();
  });

  it("takes away the mark of an alert that was over while nobody told", async () => {
    const { page } = await open();
    tell(rowOf("fire", "P1", 1));
    await vi.advanceTimersByTimeAsync(300);
    resetFeed();
    await flushPromises();
    for (const each of hub.asked) await each.answer({ items: [], features: [], next: null });
    await flushPromises();
    expect(document.querySelector("[data-test=map-alert]")).toBeNull();
    page.unmount();
  });

  it("takes away the mark of an alert that is over", async () => {
    const { page } = await open();
    tell(rowOf("fire", "P1", 1));
    await vi.advanceTimersByTimeAsync(300);
    tell({ ...rowOf("fire", "P1", 1), version: 2, life: "cleared", ack: "acked" });
    await vi.advanceTimersByTimeAsync(300);
    expect(document.querySelector("[data-test=map-alert]")).toBeNull();
    page.unmount();
  });
});
