import { QueryClient, VueQueryPlugin } from "@tanstack/vue-query";
import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, describe, expect, it, vi } from "vitest";

import { i18n } from "@/i18n";

import PlaybackPage from "./PlaybackPage.vue";

vi.mock("vue-router", () => ({ RouterLink: { template: "<a><slot /></a>" }, useRouter: () => ({}) }));

const CLIP = { size_bytes: 1_000, starts_at: null, ends_at: null, marks: [] };

function story(raisedAt: number, clip: typeof CLIP | null) {
  const alert = { id: "a", severity: "P2", rule_kind: "crowd", source: "square", raised_at: new Date(raisedAt).toISOString() };
  return { alert, rule: null, speaker: null, evidence: { id: "e", picture: false, clip }, earlier: null, later: null };
}

function page(answers: () => unknown) {
  const asked = vi.fn();
  vi.stubGlobal("fetch", async (asks: Request | string) => {
    const url = typeof asks === "string" ? asks : asks.url;
    if (!url.endsWith("/story")) return Response.json({});
    asked();
    return Response.json(answers());
  });
  const view = mount(PlaybackPage, { props: { alertId: "a" }, global: { plugins: [i18n, [VueQueryPlugin, { queryClient: new QueryClient() }]] } });
  return { view, asked };
}

describe("a clip that is not written yet", () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("is shown when it comes, without opening the page again", async () => {
    vi.useFakeTimers();
    let clip: typeof CLIP | null = null;
    const { view } = page(() => story(Date.now() - 3_000, clip));
    await vi.advanceTimersByTimeAsync(100);
    expect(view.find("[data-test=clip-coming]").exists()).toBe(true);
    clip = CLIP;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(view.find("[data-test=player]").exists()).toBe(true);
    view.unmount();
  });

  it("is not waited for when its alert is old", async () => {
    vi.useFakeTimers();
    const raised = Date.now() - 58_000;
    const { view, asked } = page(() => story(raised, null));
    await vi.advanceTimersByTimeAsync(30_000);
    expect(view.find("[data-test=no-clip]").exists()).toBe(true);
    expect(asked.mock.calls.length).toBeLessThan(4);
    await flushPromises();
    view.unmount();
  });
});
