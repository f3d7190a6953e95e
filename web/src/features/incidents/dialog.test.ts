import { flushPromises, mount } from "@vue/test-utils";
import { NMessageProvider } from "naive-ui";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createMemoryHistory, createRouter } from "vue-router";

import { queryClient } from "@/api/queries";
import { session } from "@/api/session";
import { someone } from "@/api/someone";
import GridPick from "@/features/accounts/GridPick.vue";
import { PLUGINS, pretendHub } from "@/features/alerts/pretend";
import { setLanguage } from "@/i18n";

import ApprovalCard from "./ApprovalCard.vue";
import IncidentPage from "./IncidentPage.vue";
import { detailOf } from "./pretend";
import ReportPage from "./ReportPage.vue";
import TimelinePanel from "./TimelinePanel.vue";
import type { Approval, Detail, Entry } from "./types";

let hub: ReturnType<typeof pretendHub>;
const RIGHTS = ["incidents.read", "incidents.decide", "incidents.report", "contacts.read", "tasks.read"];

beforeEach(() => {
  setLanguage("en");
  hub = pretendHub();
  session.me = someone("Li Na", "shift_leader", RIGHTS);
});
afterEach(() => {
  vi.unstubAllGlobals();
  queryClient.clear();
  session.me = null;
  document.body.innerHTML = "";
});

const page = { template: "<div />" };
async function routed(path: string) {
  const routes = ["board", "incident", "alerts", "camera", "map"].map((name) => ({ path: `/${name}/:id?`, name, component: name === "incident" ? IncidentPage : page, props: true }));
  const router = createRouter({ history: createMemoryHistory(), routes: [...routes, { path: "/", name: "home", component: page }, { path: "/report", name: "report", component: ReportPage }] });
  await router.push(path);
  const view = mount({ components: { NMessageProvider }, template: "<NMessageProvider><RouterView /></NMessageProvider>" }, { attachTo: document.body, global: { plugins: [router, ...PLUGINS] } });
  await flushPromises();
  return view;
}

async function opened(detail: Detail) {
  const view = await routed(`/incident/${detail.id}`);
  await hub.last(`/incidents/${detail.id}`).answer(detail);
  await hub.last("/tasks").answer({ items: [] });
  await hub.last(`/incidents/${detail.id}/timeline`).answer({ items: [], next: null, cut: false });
  await flushPromises();
  return view;
}

describe("the page of an incident", () => {
  it("offers exactly the verbs that are open, and none where there are none", async () => {
    const view = await opened(detailOf("a", { verbs: ["void", "dispatch", "hand_over"] }));
    expect(view.findAll("[data-test=verbs] button").map((each) => each.text())).toEqual(["Dispatch", "Hand over", "Ask to void"]);
    view.unmount();
    queryClient.clear();
    const other = await opened(detailOf("b"));
    expect(other.find("[data-test=no-verbs]").exists()).toBe(true);
    other.unmount();
  });

  it("wants what the verb needs before anything is sent, then sends it with the version", async () => {
    const view = await opened(detailOf("a", { version: 3, verbs: ["return"], state: "dispatched" }));
    await view.get("[data-test=verb-return]").trigger("click");
    await flushPromises();
    await hub.last("/incidents/reasons").answer({ return: ["unclear", "not_mine"] });
    await flushPromises();
    await view.get("[data-test=confirm-yes]").trigger("click");
    expect(view.get("[data-test=verb-wrong]").text()).toContain("Reason");
    expect(hub.asked.some(({ path }) => path.endsWith("/return"))).toBe(false);
    await view.get("[data-test=verb-reason]").setValue("unclear");
    await view.get("[data-test=verb-note]").setValue("which house?");
    await view.get("[data-test=confirm-yes]").trigger("click");
    await flushPromises();
    expect(await hub.last("/incidents/a/return").body()).toEqual({ version: 3, reason: "unclear", note: "which house?" });
    view.unmount();
  });

  it("hands over to the neighbours too, whom one's own ground does not show", async () => {
    session.me = someone("Li Na", "shift_leader", [...RIGHTS, "grids.read"]);
    const view = await opened(detailOf("a", { verbs: ["hand_over"] }));
    await hub.last("/grids").answer({ items: [{ code: "own", name: "Own street", path: ["town", "own"] }] });
    await view.get("[data-test=verb-hand_over]").trigger("click");
    await flushPromises();
    await hub.last("/incidents/a/hand-over/grids").answer([{ code: "police", name: "Station east", kind: "police", path: ["police"] }, { code: "own", name: "Own street", kind: "civil", path: ["town", "own"] }]);
    await flushPromises();
    const offered = view.getComponent(GridPick).props("grounds").map(({ code }) => code);
    expect(offered.toSorted()).toEqual(["own", "police"]);
    view.unmount();
  });

  it("says that somebody was faster, loads it anew, and tries again from there", async () => {
    const view = await opened(detailOf("a", { version: 3, verbs: ["triage"], state: "reported" }));
    await view.get("[data-test=verb-triage]").trigger("click");
    await flushPromises();
    await view.get("[data-test=confirm-yes]").trigger("click");
    await flushPromises();
    await hub.last("/incidents/a/triage").answer({ status: 409, code: "stale_version", title: "", detail: "at 4, not 3" }, 409);
    await flushPromises();
    await hub.last("/incidents/a").answer(detailOf("a", { version: 4, verbs: ["triage"], state: "reported" }));
    await flushPromises();
    expect(view.get("[data-test=verb-wrong]").text()).toContain("Somebody was faster");
    await view.get("[data-test=confirm-yes]").trigger("click");
    await flushPromises();
    expect(await hub.last("/incidents/a/triage").body()).toMatchObject({ version: 4 });
    view.unmount();
  });

  it("tells the state it is in by now, where the life has gone on", async () => {
    const view = await opened(detailOf("a", { verbs: ["rate"], state: "archived" }));
    await view.get("[data-test=verb-rate]").trigger("click");
    await flushPromises();
    await view.get("[data-test=verb-rating-4]").setValue(true);
    await view.get("[data-test=confirm-yes]").trigger("click");
    await flushPromises();
    expect(await hub.last("/incidents/a/rate").body()).toMatchObject({ rating: 4 });
    await hub.last("/incidents/a/rate").answer({ status: 409, code: "incident_is_evaluated", title: "", detail: "x" }, 409);
    await hub.last("/incidents/a").answer(detailOf("a", { state: "evaluated" }));
    await flushPromises();
    expect(view.get("[data-test=verb-wrong]").text()).toContain("“Rated”");
    view.unmount();
  });

  it("offers open matters to merge into, and says where there are more of them", async () => {
    const view = await opened(detailOf("a", { verbs: ["merge"] }));
    await view.get("[data-test=verb-merge]").trigger("click");
    await flushPromises();
    expect(hub.last("/incidents").query).toEqual({ open: "true", limit: "500" });
    await hub.last("/incidents").answer({ items: [detailOf("a"), detailOf("b")], next: "older" });
    await flushPromises();
    expect(view.get("[data-test=verb-into-cut]").text()).toContain("newest 2");
    view.unmount();
  });

  it("asks for the contact on a click alone", async () => {
    const view = await opened(detailOf("a", { contact: true }));
    expect(hub.asked.some(({ path }) => path.endsWith("/contact"))).toBe(false);
    await view.get("[data-test=contact-show]").trigger("click");
    await flushPromises();
    expect(hub.last("/incidents/a/contact").query).toEqual({ reason: "case" });
    await hub.last("/incidents/a/contact").answer({ items: [{ name: "Wang", phone: "138" }] });
    await flushPromises();
    expect(view.get("[data-test=contact]").text()).toContain("Wang 138");
    view.unmount();
  });

  it("says so where there is no such incident", async () => {
    const view = await routed("/incident/gone");
    await hub.last("/incidents/gone").answer({ status: 404, code: "no_such_incident", title: "", detail: "" }, 404);
    await flushPromises();
    expect(view.find("[data-test=incident-gone]").exists()).toBe(true);
    view.unmount();
  });
});

describe("a decision", () => {
  const approval: Approval = {
    id: "q", incident_id: "a", verb: "void", reason: "mistaken", note: "a cat", until: null, state: "asked",
    asked_by: "Zhang", asked_at: "2026-01-01T08:00:00Z", decided_by: null, decided_at: null, decision_note: "", incident_version: 5,
  };
  const card = (more: Partial<Approval> = {}) => mount(ApprovalCard, { props: { approval: { ...approval, ...more } }, global: { plugins: PLUGINS, stubs: { RouterLink: true } } });

  it("is yes or no, with a note", async () => {
    const view = card();
    expect(view.text()).toContain("A mistake: a cat");
    await view.get("[data-test=ask-note]").setValue("agreed");
    await view.get("[data-test=ask-no]").trigger("click");
    await flushPromises();
    expect(await hub.last("/approvals/q").body()).toEqual({ granted: false, note: "agreed", version: 5 });
    await hub.last("/approvals/q").answer({ status: 403, code: "own_request", title: "", detail: "x" }, 403);
    await flushPromises();
    expect(view.get("[data-test=ask-wrong]").text()).toContain("somebody else");
    await view.get("form").trigger("submit");
    await flushPromises();
    await hub.last("/approvals/q").answer({ status: 409, code: "approval_is_granted", title: "", detail: "x" }, 409);
    await flushPromises();
    expect(view.get("[data-test=ask-wrong]").text()).toContain("granted");
    view.unmount();
  });

  it("is not offered to who asked, nor to who may not decide", () => {
    expect(card({ asked_by: "Li Na" }).find("[data-test=ask-yes]").exists()).toBe(false);
    session.me = someone("Wu", "worker", ["incidents.read"]);
    expect(card().find("[data-test=ask-yes]").exists()).toBe(false);
  });
});

describe("the timeline", () => {
  const entry = (more: Partial<Entry>): Entry => ({ seq: 1, at: "2026-01-01T08:00:00Z", entity: "incident", entity_id: "a", what: "report", before: null, after: "reported", reason: "", actor: "Li", evidence_ids: [], sealed: false, ...more });

  it("tells who, what, from where to where and why, in words", () => {
    const view = mount(TimelinePanel, {
      props: { entries: [entry({}), entry({ seq: 2, at: "2026-01-01T08:05:00Z", what: "return", before: "dispatched", after: "returned", reason: "unclear: no address", actor: "hub", sealed: true })] },
      global: { plugins: PLUGINS },
    });
    const [first, second] = view.findAll("[data-test=entry]").map((each) => each.text());
    expect(first).toContain("Reported");
    for (const words of ["Returned", "Dispatched → Returned", "Too little is known: no address", "Hub", "5:00 later", "sealed"]) expect(second).toContain(words);
    expect(view.findAll("[data-test=sealed]")).toHaveLength(1);
    expect(view.find("[data-test=cut]").exists()).toBe(false);
    view.unmount();
  });
});

describe("the form of a report", () => {
  it("keeps its key over retries, and nothing that was typed is lost", async () => {
    const keys: (string | null)[] = [];
    const bodies: unknown[] = [];
    let reachable = false;
    vi.stubGlobal("fetch", async (input: Request | string, init?: RequestInit) => {
      const call = input instanceof Request ? input : new Request(new URL(input, location.origin), init);
      const items = call.url.endsWith("/classes") ? [{ code: "03", name: "市政", name_en: "Streets", minor: [{ code: "0301", name: "路灯", name_en: "Lights" }] }] : [];
      if (call.method === "GET") return new Response(JSON.stringify({ items }), { headers: { "Content-Type": "application/json" } });
      keys.push(call.headers.get("Idempotency-Key"));
      bodies.push(await call.json());
      if (!reachable) throw new TypeError("no network");
      return new Response(JSON.stringify(detailOf("n", { state: "reported", title: "Light out" })), { status: 201, headers: { "Content-Type": "application/json" } });
    });
    session.me = someone("Li Na", "shift_leader", [...RIGHTS, "classes.read"]);
    const view = await routed("/report");
    await view.get("[data-test=report-form]").trigger("submit");
    expect(view.get("[data-test=report-wrong]").text()).toContain("Say what it is");
    await view.get("[data-test=report-title]").setValue("Light out");
    expect(view.get("[data-test=report-class] optgroup").attributes("label")).toBe("03 Streets");
    expect(view.findAll("[data-test=report-class] option").map((each) => each.text())).toEqual(["Whoever takes it decides", "0301 Lights"]);
    await view.get("[data-test=report-class]").setValue("0301");
    await view.get("[data-test=report-form]").trigger("submit");
    await flushPromises();
    expect(view.get("[data-test=report-wrong]").text()).toContain("nothing is lost");
    reachable = true;
    await view.get("[data-test=report-form]").trigger("submit");
    await flushPromises();
    expect(view.get("[data-test=report-made]").text()).toContain("Light out");
    expect(new Set(keys).size).toBe(1);
    expect(bodies[1]).toMatchObject({ origin: "counter", title: "Light out", class_code: "0301", contact: null, handled: null });
    await view.get("[data-test=report-again]").trigger("click");
    await view.get("[data-test=report-title]").setValue("Another");
    await view.get("[data-test=report-form]").trigger("submit");
    await flushPromises();
    expect(new Set(keys).size).toBe(2);
    view.unmount();
  });

  it("that was changed after it had arrived unheard shows what was taken down, and is reported anew only on demand", async () => {
    /** What was taken down, by key: the first words under it. */
    const taken = new Map<string, string>();
    let answers = false;
    vi.stubGlobal("fetch", async (_path: string, { headers, body }: RequestInit = {}) => {
      const json = (value: unknown, status = 200) => new Response(JSON.stringify(value), { status, headers: { "Content-Type": "application/json" } });
      if (!body) return json({ items: [] });
      const [key, said] = [new Headers(headers).get("Idempotency-Key") ?? "", String(body)];
      const first = taken.get(key) ?? said;
      taken.set(key, first);
      if (!answers) throw new TypeError("no network");
      const { title } = JSON.parse(first) as { title: string };
      return first === said ? json(detailOf("n", { state: "reported", title }), 201) : json({ status: 409, code: "key_reused" }, 409);
    });
    const view = await routed("/report");
    const send = async (title: string) => {
      await view.get("[data-test=report-title]").setValue(title);
      await view.get("[data-test=report-form]").trigger("submit");
      await flushPromises();
    };
    await send("Light out");
    await send("Light out at the school");
    answers = true;
    await send("Two lights out");
    expect(view.get("[data-test=report-made] b").text()).toBe("Light out");
    expect(view.get("[data-test=report-open]").attributes("href")).toBe("/incident/n");
    expect(view.find("[data-test=report-earlier]").exists()).toBe(true);
    expect(taken.size).toBe(1);
    await view.get("[data-test=report-anew]").trigger("click");
    expect(view.get("[data-test=report-title]").element).toMatchObject({ value: "Two lights out" });
    await view.get("[data-test=report-form]").trigger("submit");
    await flushPromises();
    expect([view.get("[data-test=report-made] b").text(), view.find("[data-test=report-earlier]").exists(), taken.size]).toEqual(["Two lights out", false, 2]);
    view.unmount();
  });
});
