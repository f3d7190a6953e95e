import { flushPromises, mount, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope } from "vue";
import { createMemoryHistory, createRouter, type Router } from "vue-router";

import { session, type RoleName } from "@/api/session";
import { someone } from "@/api/someone";
import { useOneAlarm, type Alarm } from "@/features/alerts/oneAlarm";
import { i18n } from "@/i18n";
import { told } from "@/ui/told";

import { patient } from "./patient";
import ShellHead from "./ShellHead.vue";
import WindowNote from "./WindowNote.vue";

const alert = (id: string, severity: string) => ({
  id, severity, rule_kind: "x", source: "c", source_kind: "camera", place: "", life: "active", ack: "unacked", verdict: null,
  binding: {}, evidence_id: null, raised_at: "2026-01-01T00:00:00Z", exercise: false, version: 1, merged_into: null,
});

let view: VueWrapper | undefined;

beforeEach(() => {
  i18n.global.locale.value = "zh";
  const items = [alert("a", "P1"), alert("b", "P2"), alert("c", "P2"), alert("d", "P3")];
  const answer = async () => new Response(JSON.stringify({ items }), { headers: { "content-type": "application/json" } });
  vi.stubGlobal("fetch", answer);
});

afterEach(() => {
  view?.unmount();
  vi.unstubAllGlobals();
  session.me = null;
});

async function anywhere(address: string): Promise<Router> {
  const component = { template: "<div />" };
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: "/alerts", name: "alerts", component }, { path: "/:rest(.*)*", name: "any", component }] });
  await router.push(address);
  return router;
}

describe("the head of every page", () => {
  async function open(role: RoleName): Promise<VueWrapper> {
    session.me = someone("li", role, ["alerts.read", "alerts.acknowledge"]);
    view = mount(ShellHead, { global: { plugins: [i18n, await anywhere("/map")] } });
    return view;
  }

  it("tells an operator how many alerts wait, on the way to the desk", async () => {
    const head = await open("operator");
    await vi.waitFor(() => expect(head.find('[data-test="waiting-link"]').exists()).toBe(true), 10_000);
    const link = head.find('[data-test="waiting-link"]');
    expect([link.text(), link.attributes("href")]).toEqual(["一级 1二级 2", "/alerts"]);
  });

  it("leaves others alone", async () => {
    const head = await open("worker");
    await flushPromises();
    expect(head.find('[data-test="waiting"]').exists()).toBe(false);
  });
});

it("what is loaded on its own is asked for until it comes", async () => {
  vi.useFakeTimers();
  const load = vi.fn(async () => ({ template: "<b>here</b>" })).mockRejectedValueOnce(new TypeError("no network")).mockRejectedValueOnce(new TypeError("no network"));
  view = mount({ components: { Part: patient(load) }, template: "<div><Part /></div>" });
  await vi.advanceTimersByTimeAsync(5_000);
  expect([load.mock.calls.length, view.text()]).toEqual([3, "here"]);
  vi.useRealTimers();
});

it("what does not come is told, until it comes after all", async () => {
  vi.useFakeTimers();
  let gone = true;
  const load = async () => {
    if (gone) throw new TypeError("404");
    return { template: "<b>here</b>" };
  };
  view = mount({ components: { Part: patient(load), WindowNote }, template: "<div><Part /><WindowNote /></div>" }, { global: { plugins: [i18n, await anywhere("/map")] } });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(view.find('[data-test="lacking"]').exists()).toBe(false);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(view.find('[data-test="lacking"]').exists()).toBe(true);
  gone = false;
  await vi.advanceTimersByTimeAsync(20_000);
  expect(view.text()).toBe("here");
  vi.useRealTimers();
});

it("a decision that was refused is told on whatever page is open by then, and not to the next person", async () => {
  session.me = someone("li", "operator", []);
  const router = await anywhere("/alerts");
  view = mount(WindowNote, { global: { plugins: [i18n, router] } });
  told.value = "Gate: somebody was quicker";
  await flushPromises();
  const note = () => (view as VueWrapper).find('[data-test="told"]');
  expect(note().exists()).toBe(false);
  await router.push("/login");
  session.me = null;
  await flushPromises();
  expect(note().text()).toContain("Gate: somebody was quicker");
  session.me = someone("wang", "operator", []);
  await flushPromises();
  expect([note().exists(), told.value]).toEqual([false, ""]);
});

describe("the alarm of a window", () => {
  it("is one for all that use it, and ends with the last of them", () => {
    const [shell, desk, later] = [effectScope(), effectScope(), effectScope()];
    const first = shell.run(useOneAlarm) as Alarm;
    expect(desk.run(useOneAlarm)).toBe(first);
    desk.stop();
    expect(later.run(useOneAlarm)).toBe(first);
    later.stop();
    shell.stop();
    const anew = effectScope();
    expect(anew.run(useOneAlarm)).not.toBe(first);
    anew.stop();
  });
});
