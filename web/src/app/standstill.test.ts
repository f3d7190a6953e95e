import { QueryClient, VueQueryPlugin } from "@tanstack/vue-query";
import { mount, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { i18n } from "@/i18n";

import StandstillNote from "./StandstillNote.vue";

let view: VueWrapper | undefined;
let standstill: string | null = null;
let status = 200;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify({ standstill }), { status, headers: { "content-type": "application/json" } }));
});

afterEach(() => {
  view?.unmount();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

async function later(locale: "zh" | "en"): Promise<string> {
  i18n.global.locale.value = locale;
  await vi.advanceTimersByTimeAsync(16_000);
  return view?.text() ?? "";
}

it("every desk is told that nobody works on cases, and that somebody does again", async () => {
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  view = mount(StandstillNote, { global: { plugins: [i18n, [VueQueryPlugin, { queryClient }]] } });
  expect(await later("zh")).toBe("");
  standstill = "no_centre";
  expect(await later("zh")).toContain("没有中心进程在运行");
  status = 503;
  expect(await later("en")).toContain("No centre is at work");
  [standstill, status] = ["auditor_late", 200];
  expect(await later("en")).toContain("whether the clocks are watched");
  standstill = null;
  expect(await later("en")).toBe("");
});
