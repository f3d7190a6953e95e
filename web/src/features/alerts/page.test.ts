import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createMemoryHistory, createRouter } from "vue-router";

import { queryClient } from "@/api/queries";
import { session } from "@/api/session";
import { someone } from "@/api/someone";
import { setLanguage } from "@/i18n";

import { judgeBy, type Alert, type Severity } from "./alert";
import AlertList from "./AlertList.vue";
import AlertRow from "./AlertRow.vue";
import AlertsPage from "./AlertsPage.vue";
import MuteDialog from "./MuteDialog.vue";
import { alertOf, PLUGINS, pretendHub } from "./pretend";
import VerdictBar from "./VerdictBar.vue";

vi.mock("@/features/wall/useDeck", () => ({ provideDeck: () => undefined }));

const NAMES = {
  source: (id: string) => id,
  rule: () => "rule",
  ruleOf: (id: string) => id,
  grid: (code: string | null) => code ?? "",
  grids: [],
  judgeBy: (alert: Pick<Alert, "raised_at" | "severity">) => (alert.severity === "P2" ? Date.parse(alert.raised_at) + 300_000 : null),
};
const PROBLEM = { status: 503, code: "away", title: "away", detail: "" };
const RIGHTS = ["alerts.judge", "mutes.read", "mutes.end", "mutes.create", "live.watch", "evidence.look", "alerts.acknowledge", "alerts.merge"];

let hub: ReturnType<typeof pretendHub>;

beforeEach(() => {
  setLanguage("en");
  hub = pretendHub();
  session.me = someone("Li Na", "operator", RIGHTS);
});
afterEach(() => {
  vi.unstubAllGlobals();
  queryClient.clear();
});

describe("the desk", () => {
  async function open(...alerts: Alert[]) {
    const router = createRouter({
      history: createMemoryHistory(),
      routes: [
        { name: "alerts", path: "/alerts/:id?", component: AlertsPage, props: true },
        { name: "playback", path: "/playback/:alertId", component: AlertsPage },
      ],
    });
    await router.push("/alerts");
    const page = mount({ template: "<RouterView />" }, { attachTo: document.body, global: { plugins: [router, ...PLUGINS], stubs: { AlertDetail: true } } });
    await flushPromises();
    for (const each of hub.asked.filter(({ path }) => path === "/alerts")) await each.answer({ items: each.query["ack"] ? [] : alerts, next: null });
    await flushPromises();
    const shown = () => router.currentRoute.value.params["id"];
    const tellStory = async (alert: Alert) => {
      await hub.last(`/alerts/${alert.id}/story`).answer({ alert, log: [], evidence: null, incident: null, tasks: [] });
      await flushPromises();
    };
    const press = async (key: string, repeat = false) => {
      document.body.dispatchEvent(new KeyboardEvent("keydown", { key, repeat, bubbles: true, cancelable: true }));
      await flushPromises();
    };
    const judged = () => hub.asked.filter(({ path }) => path.endsWith("/verdict")).map(({ path }) => path);
    return { page, shown, tellStory, press, judged };
  }
  const [a, b, c] = [alertOf("a", "P1", 1), alertOf("b", "P1", 2), alertOf("c", "P1", 3)];

  it("judges one alert for one key, however long it is held, and none that is not there yet", async () => {
    const { page, shown, tellStory, press, judged } = await open(a, b, c);
    expect(shown()).toBe("a");
    await press("c");
    expect(judged()).toEqual([]); // the story of the first is still on its way
    await tellStory(a);
    await press("c");
    expect(shown()).toBe("b");
    for (let n = 0; n < 20; n += 1) await press("c", true);
    await press("c"); // pressed again, before the second is there
    expect([judged(), shown()]).toEqual([["/alerts/a/verdict"], "b"]);
    await tellStory(b);
    for (let n = 0; n < 20; n += 1) await press("c", true);
    expect(judged()).toHaveLength(1);
    await press("c");
    expect(judged()).toEqual(["/alerts/a/verdict", "/alerts/b/verdict"]);
    page.unmount();
  });

  it("lists the mutes in force and ends one", async () => {
    const { page } = await open(a);
    const mute = { id: "m1", source: "gate", rule_id: null, grid_prefix: null, reason: "works", owner: "Wang", ends_at: "2999-01-01T00:00:00Z" };
    await hub.last("/mutes").answer({ items: [mute, { ...mute, id: "m0", ends_at: "2001-01-01T00:00:00Z" }] });
    await flushPromises();
    expect(hub.last("/mutes").query).toEqual({ in_force: "true" });
    expect(page.get("[data-test=mutes-open]").text()).toContain("1");
    await page.get("[data-test=mutes-open]").trigger("click");
    const line = page.get("[data-test=mute-m1]").text();
    for (const word of ["gate", "works", "Wang", "2999"]) expect(line).toContain(word);
    expect(page.find("[data-test=mute-m0]").exists()).toBe(false);
    await page.get("[data-test=mute-end]").trigger("click");
    await page.get("[data-test=mute-end]").trigger("click");
    await flushPromises();
    expect(hub.asked.filter(({ method }) => method === "DELETE").map(({ path }) => path)).toEqual(["/mutes/m1"]);
    await hub.last("/mutes/m1").answer(null, 204);
    await flushPromises();
    await hub.last("/mutes").answer({ items: [] });
    await flushPromises();
    expect(page.find("[data-test=mute-m1]").exists()).toBe(false);
    page.unmount();
  });
});

describe("the list on the page", () => {
  const rows = Array.from({ length: 10_000 }, (_, n) => alertOf(`x${n}`, "P3", n));
  const listed = (more: object = {}) =>
    mount(AlertList, {
      attachTo: document.body,
      props: { rows, held: [], chosen: null, marked: null, names: NAMES, loading: false, whole: false, problem: null, behind: null, ...more },
      global: { plugins: PLUGINS },
    });

  it("draws of ten thousand only those that can be seen", async () => {
    const size = vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(900);
    const list = listed();
    const drawn = () => list.findAllComponents(AlertRow).length;
    await vi.waitFor(() => expect(drawn()).toBeGreaterThan(10));
    expect(drawn()).toBeLessThan(50);
    list.unmount();
    size.mockRestore();
  });

  it("keeps its rows where a further page fails, and offers to ask for it again", async () => {
    const list = listed({ problem: { ...PROBLEM, errors: [] } });
    expect(list.find("[data-test=alert-list] [data-test=error]").exists()).toBe(true);
    expect(list.get(".all").attributes("style")).toContain("580000px");
    await list.get("[data-test=retry]").trigger("click");
    expect(list.emitted("retry")).toHaveLength(1);
    list.unmount();
  });

  it("says above its rows that they may be old", async () => {
    const list = listed({ behind: { ...PROBLEM, errors: [] } });
    expect(list.get(".bar [data-test=behind]").text()).toBe("This list may be out of date");
    expect(list.find("[data-test=error]").exists()).toBe(false);
    await list.get("[data-test=behind-retry]").trigger("click");
    expect(list.emitted("retry")).toHaveLength(1);
    list.unmount();
  });

  it("has the clock of the hub's configuration, and none before the hub has said", () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
    const row = (severity: Severity) => {
      const alert = alertOf("a", severity, Date.UTC(2026, 0, 1) / 1000);
      const props = { alert, chosen: false, marked: false, source: "", rule: "", grid: "", judgeBy: NAMES.judgeBy(alert) };
      return mount(AlertRow, { props, global: { plugins: PLUGINS } }).get(".time").text();
    };
    expect(row("P2")).toBe("5:00 left");
    expect(row("P1")).toBe("");
    vi.useRealTimers();
  });
});

describe("by when an alert is judged", () => {
  const hour = (n: number) => Date.UTC(2026, 0, 2, n);
  const spans = [[hour(0), hour(4)], [hour(5), hour(9)]] as const;
  const by = (raised: number, hours: number) => judgeBy({ raised_at: new Date(raised).toISOString() }, hours * 3600, spans);

  it("is of work, over the noon break", () => {
    expect([by(hour(1), 2), by(hour(3), 2), by(hour(4), 1)]).toEqual([hour(3), hour(6), hour(6)]);
  });

  it("is by the wall without a calendar, before it, and after its last day", () => {
    expect(judgeBy({ raised_at: new Date(hour(3)).toISOString() }, 7200)).toBe(hour(5));
    expect(by(hour(-1), 2)).toBe(hour(1));
    expect(by(hour(8), 3)).toBe(hour(11));
  });
});

describe("the verdict that dispatches", () => {
  const label = (more: Partial<Alert>) => {
    const bar = mount(VerdictBar, { props: { alert: alertOf("a", "P2", 1, more) }, global: { plugins: PLUGINS } });
    return bar.get("[data-test=verdict-confirmed]").text();
  };

  it("says so, and only where it does", () => {
    expect(label({})).toContain("dispatch");
    expect(label({ policy: "auto_dispatch" })).not.toContain("dispatch");
    expect(label({ verdict: "confirmed" })).not.toContain("dispatch");
  });
});

describe("the dialogue of a mute", () => {
  it("sends once, tells a refusal where it is seen, and closes when it was accepted", async () => {
    const answers: ((problem: unknown) => void)[] = [];
    const send = vi.fn(() => new Promise<never>((resolve) => answers.push(resolve as (problem: unknown) => void)));
    const dialogue = mount(MuteDialog, { attachTo: document.body, props: { alert: alertOf("a", "P2", 1), names: NAMES, send }, global: { plugins: PLUGINS } });
    await flushPromises();
    await dialogue.get("[data-test=mute-reason]").setValue("building site");
    await dialogue.get("[data-test=confirm-yes]").trigger("click");
    await dialogue.get("[data-test=mute-reason]").trigger("keydown", { key: "Enter" });
    expect(send).toHaveBeenCalledTimes(1);
    answers[0]?.({ ...PROBLEM, status: 422, detail: "too long" });
    await flushPromises();
    expect(dialogue.get("[data-test=mute-wrong]").text()).toContain("too long");
    expect(dialogue.emitted("close")).toBeUndefined();
    await dialogue.get("[data-test=confirm-yes]").trigger("click");
    answers[1]?.(null);
    await flushPromises();
    expect(dialogue.emitted("close")).toHaveLength(1);
    dialogue.unmount();
  });
});
