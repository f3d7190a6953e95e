import { readFileSync } from "node:fs";

import { QueryClient, VueQueryPlugin } from "@tanstack/vue-query";
import { flushPromises, mount, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createMemoryHistory, createRouter } from "vue-router";

import { session } from "@/api/session";
import { someone } from "@/api/someone";
import { routes } from "@/app/router";
import { detailOf } from "@/features/incidents/pretend";
import { i18n, texts } from "@/i18n";

import { byClock, clockOf } from "./clock";
import { whistleOf } from "./pretend";
import { atOnce, bodyOf, missing, openOf } from "./saying";
import { ANSWERS, CALLED_IN, JUDGES, type Whistle } from "./types";
import WhistlePage from "./WhistlePage.vue";
import WhistlesPage from "./WhistlesPage.vue";
import WhistlesPanel from "./WhistlesPanel.vue";

const SCHEMA = readFileSync("src/api/schema.ts", "utf-8");
const START = Date.parse("2026-01-01T08:00:00Z");
const minutes = (n: number): number => START + n * 60_000;

describe("the words of a whistle", () => {
  it.each(["zh", "en"] as const)("are there for each state of the hub's document (%s)", (language) => {
    const [, found = ""] = /^        WhistleState: ("[^;]*");/m.exec(SCHEMA) ?? [];
    const states = [...found.matchAll(/"(\w+)"/g)].map(([, value]) => value ?? "");
    expect(states.length).toBe(9);
    const told = (texts(language).whistles as { state: Record<string, string> }).state;
    expect(Object.keys(told).toSorted()).toEqual(states.toSorted());
  });

  it("are, in Chinese, those of the hub's own list", () => {
    const page = readFileSync("../docs/ref/incident-life.md", "utf-8");
    const told = (texts("zh").whistles as { state: Record<string, string> }).state;
    for (const [state, word] of Object.entries(told)) expect(page).toContain(`state "${state} ${word}" as ${state}`);
  });

  it("call in the states in which the hub lets call", () => {
    const [, found = ""] = /CALLED_IN = frozenset\(\s*\{([^}]*)\}/.exec(readFileSync("../hub/dispatch/incident.py", "utf-8")) ?? [];
    const named = [...found.matchAll(/_I\.(\w+)/g)].map(([, name]) => (name ?? "").toLowerCase());
    expect([...CALLED_IN].toSorted()).toEqual([...named, "accepted", "on_way", "on_scene"].toSorted());
  });
});

describe("the clock of a whistle", () => {
  it("is that of the next step, and none where the department waits", () => {
    const steps = (["called", "signed", "contacted", "sent_back", "reported", "accepted", "refused"] as const).map((state) => clockOf(whistleOf("w", { state }), START)?.step ?? null);
    expect(steps).toEqual(["sign", "contact", "report", "report", null, null, null]);
  });

  it("is yellow after 80 % and red when it is due", () => {
    expect([0, 8, 10].map((n) => clockOf(whistleOf("w"), minutes(n))?.pressure)).toEqual(["calm", "soon", "late"]);
  });

  it("is yellow from the moment on that the hub names, where it counts in work time", () => {
    const own = whistleOf("w", { sign_soon: "2026-01-01T08:09:00Z" });
    expect([0, 8, 9, 10].map((n) => clockOf(own, minutes(n))?.pressure)).toEqual(["calm", "calm", "soon", "late"]);
  });

  it("sorts the most urgent first and what waits for others last", () => {
    const late = whistleOf("late", { state: "contacted" });
    const soon = whistleOf("soon");
    const waits = whistleOf("waits", { state: "reported" });
    expect(byClock([waits, late, soon]).map(({ id }) => id)).toEqual(["soon", "late", "waits"]);
  });
});

describe("what is said", () => {
  it("is offered as the hub offers it", () => {
    expect(openOf(whistleOf("w"), ANSWERS)).toEqual(["sign", "refuse"]);
    expect(openOf(whistleOf("w", { verbs: ["accept", "send_back"] }), JUDGES)).toEqual(["accept", "send_back"]);
    expect([atOnce("sign"), atOnce("accept"), atOnce("refuse"), atOnce("report")]).toEqual([true, true, false, false]);
  });

  it("names what is still wanted, and the version that was looked at", () => {
    expect(missing("refuse", { reason: "", note: "" })).toEqual(["reason"]);
    expect(missing("report", { reason: "", note: " " })).toEqual(["note"]);
    expect(missing("contact", { reason: "", note: "" })).toEqual([]);
    expect(bodyOf("report", { reason: "", note: " 已处置 " }, 4, ["p1"])).toEqual({ version: 4, note: "已处置", photo_ids: ["p1"] });
    expect(bodyOf("send_back", { reason: "not_done", note: "" }, 5)).toEqual({ version: 5, note: "", reason: "not_done" });
    expect(bodyOf("sign", { reason: "", note: "" }, 1)).toEqual({ version: 1 });
  });
});

interface Sent {
  path: string;
  body: unknown;
  key: string | null;
}

let sent: Sent[];
let whistles: Whistle[];
let refusal: { status: number; code: string } | null;
let view: VueWrapper | undefined;

function answerTo(path: string): unknown {
  if (path.startsWith("/api/v1/departments")) return { items: [{ id: "fire", name: "消防救援大队" }, { id: "water", name: "水利局" }] };
  if (path.startsWith("/api/v1/incidents/reasons")) return { refuse: ["not_mine", "unclear"], send_back: ["not_done"] };
  if (path.endsWith("/timeline")) return { items: [], cut: false };
  if (path.startsWith("/api/v1/incidents/")) return detailOf("i1");
  if (path.startsWith("/api/v1/whistles?") || path === "/api/v1/whistles") return { items: whistles, next: null };
  return whistles[0];
}

beforeEach(() => {
  sent = [];
  whistles = [whistleOf("w1")];
  refusal = null;
  vi.stubGlobal("fetch", async (input: string | Request, init: RequestInit = {}) => {
    const url = typeof input === "string" ? input : input.url;
    const post = init.method === "POST";
    if (post) sent.push({ path: url, body: typeof init.body === "string" ? JSON.parse(init.body) : init.body, key: new Headers(init.headers).get("Idempotency-Key") });
    if (post && refusal) return new Response(JSON.stringify({ ...refusal, title: "", detail: "", errors: [] }), { status: refusal.status, headers: { "content-type": "application/problem+json" } });
    return new Response(JSON.stringify(answerTo(url)), { headers: { "content-type": "application/json" } });
  });
});

afterEach(() => {
  view?.unmount();
  view = undefined;
  session.me = null;
  vi.unstubAllGlobals();
});

async function open(component: typeof WhistlesPage | typeof WhistlePage | typeof WhistlesPanel, props: object, actions: readonly string[]): Promise<VueWrapper> {
  session.me = someone("Liu", ["department"], ["whistles.read", "incidents.read", ...actions]);
  const router = createRouter({ history: createMemoryHistory(), routes });
  view = mount(component as typeof WhistlesPage, { props, attachTo: document.body, global: { plugins: [i18n, router, [VueQueryPlugin, { queryClient: new QueryClient({ defaultOptions: { queries: { retry: false } } }) }]] } });
  await flushPromises();
  return view;
}

describe("the pages", () => {
  it("list what the department was called for", async () => {
    const page = await open(WhistlesPage, {}, ["whistles.answer"]);
    expect(page.findAll('[data-test="whistle"]').map((each) => each.attributes("data-id"))).toEqual(["w1"]);
    expect(page.find('[data-test="tab-mine"]').exists()).toBe(false);
  });

  it("say so where there is nothing", async () => {
    whistles = [];
    const page = await open(WhistlesPage, {}, ["whistles.call"]);
    expect(page.find('[data-test="empty"]').text()).toContain(i18n.global.t("whistles.empty.mine"));
  });

  it("sign with one press", async () => {
    const page = await open(WhistlePage, { id: "w1" }, ["whistles.answer"]);
    await page.get('[data-test="say-sign"]').trigger("click");
    await flushPromises();
    expect(sent.map(({ path, body }) => [path, body])).toEqual([["/api/v1/whistles/w1/sign", { version: 1 }]]);
    expect(page.get('[data-test="answer-done"]').text()).toContain(i18n.global.t("whistles.verb.sign"));
  });

  it("refuse with a reason only, and repeat under the same key what was lost on the way", async () => {
    const page = await open(WhistlePage, { id: "w1" }, ["whistles.answer"]);
    await page.get('[data-test="say-refuse"]').trigger("click");
    await page.get('[data-test="answer-form"]').trigger("submit");
    expect(sent).toEqual([]);
    expect(page.get('[data-test="answer-wrong"]').text()).toContain(i18n.global.t("whistles.form.reason"));
    await page.get('[data-test="answer-reason"]').setValue("not_mine");
    refusal = { status: 503, code: "queue_gone" };
    await page.get('[data-test="answer-form"]').trigger("submit");
    await flushPromises();
    refusal = null;
    await page.get('[data-test="answer-form"]').trigger("submit");
    await flushPromises();
    expect(sent.map(({ path, body }) => [path, body])).toEqual(Array(2).fill(["/api/v1/whistles/w1/refuse", { version: 1, note: "", reason: "not_mine" }]));
    expect(new Set(sent.map(({ key }) => key)).size).toBe(1);
  });

  it("tell in words where somebody was faster", async () => {
    const page = await open(WhistlePage, { id: "w1" }, ["whistles.answer"]);
    refusal = { status: 409, code: "whistle_is_withdrawn" };
    await page.get('[data-test="say-sign"]').trigger("click");
    await flushPromises();
    expect(page.get('[data-test="answer-wrong"]').text()).toContain(i18n.global.t("whistles.state.withdrawn"));
  });

  it("show each report with what was said of it", async () => {
    whistles = [whistleOf("w1", { state: "sent_back", verbs: ["report"], reason: "not_done", answer: "仍有焦味", reports: [{ at: "2026-01-01T09:00:00Z", text: "已断电", photo_ids: [] }] })];
    const page = await open(WhistlePage, { id: "w1" }, ["whistles.answer"]);
    expect(page.get('[data-test="whistle-answer"]').text()).toContain("仍有焦味");
    expect(page.get('[data-test="report"]').text()).toContain("已断电");
  });
});

describe("the panel of an incident", () => {
  it("calls a department that is not called yet; whoever leads leads alone", async () => {
    const panel = await open(WhistlesPanel, { detail: detailOf("i1", { state: "dispatched" }) }, ["whistles.call"]);
    await panel.get('[data-test="call"]').trigger("click");
    await flushPromises();
    expect(panel.findAll('[data-test="call-unit"] option').map((each) => each.attributes("value"))).toEqual(["", "water"]);
    expect(panel.get('[data-test="call-lead"]').attributes("disabled")).toBeDefined();
    await panel.get('[data-test="call-form"]').trigger("submit");
    expect(sent).toEqual([]);
    await panel.get('[data-test="call-unit"]').setValue("water");
    await panel.get('[data-test="call-note"]').setValue("请抽水");
    await panel.get('[data-test="call-form"]').trigger("submit");
    await flushPromises();
    expect(sent.map(({ path, body }) => [path, body])).toEqual([["/api/v1/incidents/i1/whistles", { unit: "water", part: "joint", note: "请抽水" }]]);
  });

  it("offers no call where the hub would refuse it", async () => {
    const panel = await open(WhistlesPanel, { detail: detailOf("i1", { state: "closed" }) }, ["whistles.call"]);
    expect(panel.find('[data-test="call"]').exists()).toBe(false);
    view?.unmount();
    const other = await open(WhistlesPanel, { detail: detailOf("i1", { state: "dispatched" }) }, []);
    expect(other.find('[data-test="call"]').exists()).toBe(false);
  });
});
