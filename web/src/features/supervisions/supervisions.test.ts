import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createMemoryHistory, createRouter } from "vue-router";

import { queryClient } from "@/api/queries";
import { session } from "@/api/session";
import { someone } from "@/api/someone";
import { PLUGINS, pretendHub, settled } from "@/features/alerts/pretend";
import { setLanguage } from "@/i18n";

import type { Supervision } from "./data";
import SupervisionsPage from "./SupervisionsPage.vue";

const START = Date.parse("2026-01-01T08:00:00Z");

function one(id: string, more: Partial<Supervision> = {}): Supervision {
  return {
    id, subject: "incident", subject_id: `case-${id}`, step: "handle", level: "supervision", severity: "P2", grid_code: "g", grid_path: ["a", "g"], title: `Matter ${id}`,
    exercise: false, due_at: "2026-01-01T07:00:00Z", opened_at: "2026-01-01T07:00:01Z", state: "open", answered_by: null, answered_at: null, answer: "", ended_at: null, version: 1, unit: null, mine: true,
    ...more,
  };
}

describe("the page of supervisions", () => {
  let hub: ReturnType<typeof pretendHub>;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"], now: START });
    vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(600);
    vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(1_200);
    HTMLDialogElement.prototype.showModal = vi.fn();
    setLanguage("en");
    hub = pretendHub();
    session.me = someone("Chen", "supervisor", ["supervisions.read", "supervisions.answer", "grids.read"]);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
    queryClient.clear();
    session.me = null;
    document.body.innerHTML = "";
  });

  async function open(items: Supervision[], status = 200) {
    const page = { template: "<div />" };
    const routes = [{ path: "/", component: SupervisionsPage }, { path: "/incidents/:id", name: "incident", component: page }, { path: "/alerts/:id", name: "alerts", component: page }, { path: "/whistles/:id", name: "whistle", component: page }];
    const router = createRouter({ history: createMemoryHistory(), routes });
    await router.push("/");
    const view = mount(SupervisionsPage, { attachTo: document.body, global: { plugins: [router, ...PLUGINS] } });
    await flushPromises();
    await hub.last("/supervisions").answer(status === 200 ? { items, next: null } : { code: "busy", title: "busy", status }, status);
    await flushPromises();
    return view;
  }

  it("tells level, case, step and how late it is, and links to the case or the alert", async () => {
    const alert = one("b", { subject: "alert", level: "leader", step: "verdict", title: "zone_intrusion", mine: false });
    const whistle = one("c", { subject: "whistle", step: "sign", unit: "fire", mine: false });
    const view = await open([one("a"), alert, whistle]);
    expect(hub.last("/supervisions").query).toEqual({ state: "open", limit: "100" });
    const row = view.get("[data-test=supervision-a]").text();
    for (const word of ["Supervision", "Matter a", "Handle", "late 1 h"]) expect(row).toContain(word);
    const other = view.get("[data-test=supervision-b]");
    for (const word of ["Shift leader", "Zone intrusion", "Verdict", "waits for an answer"]) expect(other.text()).toContain(word);
    expect(view.findAll("[role=row] a").map((each) => each.attributes("href"))).toEqual(["/incidents/case-a", "/alerts/case-b", "/whistles/case-c"]);
    const called = view.get("[data-test=supervision-c]").text();
    for (const word of ["Signed by the department", "waits for fire"]) expect(called).toContain(word);
    expect(other.find("button").exists()).toBe(false);
    view.unmount();
  });

  it("sends an answer with the version that was looked at, and tells when it came too late", async () => {
    const view = await open([one("a", { version: 3 })]);
    await view.get("[data-test=answer-a]").trigger("click");
    expect(view.get("[data-test=answer-send]").attributes("disabled")).toBeDefined();
    await view.get("[data-test=answer-note]").setValue(" parts came today ");
    await view.get("form.answer").trigger("submit");
    await settled();
    const asked = hub.last("/supervisions/a/answer");
    expect(await asked.body()).toEqual({ note: "parts came today", version: 3 });
    await asked.answer({ code: "supervision_is_answered", title: "no", status: 409 }, 409);
    await flushPromises();
    expect(view.get("[data-test=answer-wrong]").text()).toBe("This one is answered or over by now.");
    view.unmount();
  });

  it("says that nothing is late, and that it could not be read", async () => {
    const empty = await open([]);
    expect(empty.text()).toContain("No supervisions");
    empty.unmount();
    queryClient.clear();
    const wrong = await open([], 403);
    expect(wrong.find("[role=alert]").exists()).toBe(true);
    wrong.unmount();
  });
});
