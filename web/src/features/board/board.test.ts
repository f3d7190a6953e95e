import { flushPromises, mount } from "@vue/test-utils";
import { NMessageProvider } from "naive-ui";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createMemoryHistory, createRouter } from "vue-router";

import { queryClient } from "@/api/queries";
import { session } from "@/api/session";
import { someone } from "@/api/someone";
import { PLUGINS, pretendHub, settled as quiet, tell } from "@/features/alerts/pretend";
import { detailOf, incidentOf } from "@/features/incidents/pretend";
import { ORIGINS, SEVERITIES, type Incident } from "@/features/incidents/types";
import { setLanguage } from "@/i18n";

import BoardPage from "./BoardPage.vue";
import { beside, filtersFrom, held, queryOf, settled, wanted } from "./order";

const COLUMNS = ["intake", "filed", "dispatched", "handling", "suspended", "verifying", "closed"];

function boardOf(cards: Record<string, Incident[]>, more: object = {}) {
  const columns = COLUMNS.map((id) => {
    const first = cards[id] ?? [];
    const counts: Record<string, number> = {};
    for (const { state } of first) counts[state] = (counts[state] ?? 0) + 1;
    return { id, states: [], count: first.length, counts, first };
  });
  return { columns, asked: 0, unbound: 0, ...more };
}

const ids = (rows: readonly Incident[]): string[] => rows.map(({ id }) => id);
const [a, b, c] = [incidentOf("a"), incidentOf("b"), incidentOf("c")];

describe("a column somebody works in", () => {
  it("keeps every place, tells what changed, and lets what is new wait", () => {
    const now = held(settled([a, b]), [c, { ...b, version: 2, severity: "P1" }], new Map([["a", { ...a, version: 2, state: "dispatched" as const }]]));
    expect(ids(now.rows)).toEqual(["a", "b"]);
    expect(now.rows.map(({ state, severity }) => [state, severity])).toEqual([["dispatched", "P3"], ["filed", "P1"]]);
    expect([ids(now.waiting), [...now.left]]).toEqual([["c"], ["a"]]);
  });

  it("goes on holding over several changes, and takes back what came back", () => {
    const once = held(settled([a, b]), [b], new Map());
    expect([...once.left]).toEqual(["a"]);
    const twice = held(once, [c, b, a], new Map());
    expect([ids(twice.rows), ids(twice.waiting), twice.left.size]).toEqual([["a", "b"], ["c"], 0]);
  });

  it("never goes back to what was known before", () => {
    const now = held(settled([{ ...a, version: 5, title: "new" }]), [{ ...a, version: 4, title: "old" }], new Map());
    expect(now.rows[0]?.title).toBe("new");
  });
});

describe("the filter", () => {
  it("is in the address, and what is no value of it is none", () => {
    const from = (query: Record<string, unknown>) => filtersFrom(query, SEVERITIES, ORIGINS);
    expect(from({ grid: "1", severity: "P1", origin: "worker" })).toEqual({ grid: "1", severity: "P1", origin: "worker" });
    expect(from({ severity: "P9", origin: ["x"], grid: "" })).toEqual({ grid: null, severity: null, origin: null });
    expect(queryOf(from({ severity: "P2" }))).toEqual({ severity: "P2" });
    expect([wanted(from({ severity: "P3" }), a), wanted(from({ origin: "camera" }), a)]).toEqual([true, false]);
  });
});

describe("the arrows", () => {
  const columns = [["a", "b", "c"], [], ["d", "e"]];
  it("go down a column, and over empty ones to the next", () => {
    const to = (at: string, key: string) => beside(columns, at, key);
    expect([to("a", "ArrowDown"), to("a", "ArrowUp"), to("c", "ArrowRight"), to("d", "ArrowLeft"), to("e", "ArrowRight"), to("x", "ArrowDown")]).toEqual(["b", null, "e", "a", null, null]);
  });
});

describe("the board", () => {
  let hub: ReturnType<typeof pretendHub>;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"], now: Date.parse("2026-01-01T08:00:30Z") });
    setLanguage("en");
    hub = pretendHub();
    session.me = someone("Li Na", "shift_leader", ["incidents.read", "incidents.decide", "incidents.report", "incidents.triage", "grids.read"]);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
    queryClient.clear();
    session.me = null;
    document.body.innerHTML = "";
  });

  async function open(board: object) {
    const page = { template: "<div />" };
    const router = createRouter({
      history: createMemoryHistory(),
      routes: [{ path: "/board", name: "board", component: BoardPage }, { path: "/incidents/:id", name: "incident", component: page }, { path: "/report", name: "report", component: page }],
    });
    await router.push("/board");
    const view = mount({ components: { NMessageProvider }, template: "<NMessageProvider><RouterView /></NMessageProvider>" }, { attachTo: document.body, global: { plugins: [router, ...PLUGINS] } });
    await flushPromises();
    await hub.last("/incidents/board").answer(board);
    await hub.last("/grids").answer({ items: [{ code: "g", name: "Square", path: ["a", "g"] }, { code: "a", name: "Town", path: ["a"] }] });
    await flushPromises();
    const cards = (column: string): string[] => view.findAll(`[data-test=column-${column}] article`).map((card) => card.attributes("data-test")?.replace("card-", "") ?? "");
    const later = async (fresh: object) => {
      tell({ id: "a" }, "incident");
      await vi.advanceTimersByTimeAsync(1_100);
      await hub.last("/incidents/board").answer(fresh);
      await flushPromises();
    };
    return { view, router, cards, later };
  }

  it("shows the columns with counts, and each card in words", async () => {
    const camera = incidentOf("x", { title: "", rule_kind: "zone_intrusion", origin: "camera", severity: "P1", exercise: true, state: "dispatched" });
    const { view } = await open(boardOf({ filed: [a], dispatched: [camera] }, { asked: 2, unbound: 3 }));
    expect(view.findAll("[data-test=count]").map((each) => each.text())).toEqual(["0", "1", "1", "0", "0", "0", "0"]);
    const card = view.get("[data-test=card-x]").text();
    for (const word of ["Zone intrusion", "Town › Square", "Camera", "Exercise", "Accept in 9:30"]) expect(card).toContain(word);
    expect([view.get("[data-test=unbound]").text(), view.get("[data-test=asked]").text()]).toEqual(["No grid 3", "To decide 2"]);
    view.unmount();
  });

  it("lists the open matters without a grid, and says where there are more", async () => {
    const { view } = await open(boardOf({ filed: [a] }, { unbound: 501 }));
    await view.get("[data-test=unbound]").trigger("click");
    await flushPromises();
    expect(hub.last("/incidents").query).toEqual({ unbound: "true", open: "true", limit: "500" });
    await hub.last("/incidents").answer({ items: [b, c], next: "older" });
    await flushPromises();
    expect(view.findAll("[data-test=unbound-row]")).toHaveLength(2);
    expect(view.get("[data-test=unbound-cut]").text()).toContain("newest 2");
    view.unmount();
  });

  it("moves nothing in the column under the pointer, and everything elsewhere", async () => {
    const { view, cards, later } = await open(boardOf({ filed: [a, b], dispatched: [] }));
    await view.get("[data-test=column-filed]").trigger("pointerenter");
    await later(boardOf({ filed: [c, b], dispatched: [{ ...a, version: 2, state: "dispatched" }] }));
    expect([cards("filed"), cards("dispatched")]).toEqual([["a", "b"], ["a"]]);
    expect(view.get("[data-test=column-filed] [data-test=card-a]").text()).toContain("Now: Dispatched");
    expect(view.get("[data-test=fresh]").text()).toContain("1");
    await view.get("[data-test=column-filed]").trigger("pointerleave");
    await flushPromises();
    expect([cards("filed"), cards("dispatched")]).toEqual([["c", "b"], ["a"]]);
    view.unmount();
  });

  it("shows what waits when it is told to", async () => {
    const { view, cards, later } = await open(boardOf({ filed: [a] }));
    await view.get("[data-test=column-filed]").trigger("pointerenter");
    await later(boardOf({ filed: [b, a] }));
    expect(cards("filed")).toEqual(["a"]);
    await view.get("[data-test=fresh]").trigger("click");
    expect(cards("filed")).toEqual(["b", "a"]);
    view.unmount();
  });

  it("asks what may be done about a card only when somebody rests on it, and says it with its version", async () => {
    const { view } = await open(boardOf({ filed: [a, b, c] }));
    const asked = () => hub.asked.filter(({ path }) => /^\/incidents\/[abc]$/.test(path)).map(({ path }) => path);
    await view.get("[data-test=card-a]").trigger("pointerenter");
    await view.get("[data-test=card-a]").trigger("pointerleave");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked()).toEqual([]);
    await view.get("[data-test=card-b]").trigger("pointerenter");
    await vi.advanceTimersByTimeAsync(300);
    expect(asked()).toEqual(["/incidents/b"]);
    await hub.last("/incidents/b").answer(detailOf("b", { version: 4, verbs: ["void", "dispatch"] }));
    await flushPromises();
    await view.get("[data-test=card-verb-dispatch]").trigger("click");
    await quiet();
    expect(await hub.last("/incidents/b/dispatch").body()).toEqual({ version: 4, note: "" });
    view.unmount();
  });

  it("says nothing is there, and why it could not be read", async () => {
    const { view } = await open(boardOf({}));
    expect(view.find("[data-test=empty]").exists()).toBe(true);
    view.unmount();
  });
});
