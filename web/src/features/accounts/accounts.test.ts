import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ref } from "vue";

import { session } from "@/api/session";
import { someone } from "@/api/someone";

import { mounted } from "../cameras/mounting";
import AccountDialog from "./AccountDialog.vue";
import AccountList from "./AccountList.vue";
import type { Account, Grant } from "./data";
import { aGrant, anAccount, ROLES } from "./given";
import type { Ground } from "./grants";
import GrantsPanel from "./GrantsPanel.vue";

const hub = vi.hoisted(() => ({
  createAccount: vi.fn(),
  changeAccount: vi.fn(),
  giveGrant: vi.fn(),
  endGrant: vi.fn(),
  reloadAccounts: vi.fn(),
  grids: [] as Ground[],
  given: [] as Grant[],
}));
vi.mock("./data", () => ({
  ...hub,
  useGrounds: () => ref(hub.grids),
  useRoles: () => ({ data: ref(ROLES) }),
  useAccounts: () => ({ data: ref([]) }),
  useOwnerNames: () => ref(["School"]),
  useGrants: () => ({ data: ref(hub.given), isError: ref(false), error: ref(null) }),
}));

const code = (n: number) => `62${String(n).padStart(6, "0")}`;
const worker = (n: number): Account => anAccount(`worker-${n}`, [aGrant(`g${n}`, { grid: code(n) })]);
const RIGHTS = ["accounts.read", "accounts.create", "accounts.update", "grants.read", "grants.give", "grants.end"];

let view: VueWrapper;
const at = (name: string) => view.find(`[data-test="${name}"]`);
const rows = () => view.findAll("[role=row]").length - 1;
const shows = (login: string) => at(`account-row-${login}`).exists();

function open(component: Parameters<typeof mounted>[0], props: Record<string, unknown>, who = someone("Wang", "admin", RIGHTS)): void {
  view = mounted(component, props, who);
}

/** Type into a choice of grids and take the first that is found. */
async function pickGrid(within: string, text: string): Promise<void> {
  const field = at(within).find("[aria-label='Grid']");
  await field.trigger("click");
  await field.setValue(text);
  await flushPromises();
  await field.trigger("keydown", { key: "Enter" });
}

beforeEach(() => {
  hub.grids.push(...Array.from({ length: 1_800 }, (_, n) => ({ code: code(n), name: `Grid ${n}`, path: ["62", code(n)] })));
  for (const call of [hub.createAccount, hub.giveGrant, hub.endGrant]) call.mockReset().mockResolvedValue({ kind: "aborted" });
  // Here nothing has a size of its own.
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(600);
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(1_200);
});
afterEach(() => {
  view.unmount();
  hub.grids.length = 0;
  hub.given.length = 0;
  session.me = null;
  vi.restoreAllMocks();
});

describe("the people of a county", () => {
  const all = Array.from({ length: 1_300 }, (_, n) => worker(n));

  it("are drawn as far as they can be seen, and found by words", { timeout: 30_000 }, async () => {
    open(AccountList, { accounts: all });
    await flushPromises();
    expect(shows("worker-0")).toBe(true);
    expect(rows()).toBeGreaterThan(5);
    expect(rows()).toBeLessThan(60);
    await at("account-find").setValue("grid 1287");
    expect([rows(), shows("worker-1287")]).toEqual([1, true]);
    await at("account-find").setValue(`${code(44)} WORKER`);
    expect([rows(), shows("worker-44")]).toEqual([1, true]);
    await at("account-find").setValue("nobody");
    expect([rows(), at("empty").exists()]).toEqual([0, true]);
  });

  it("are found by their role", async () => {
    open(AccountList, { accounts: [...all, anAccount("fire", [aGrant("f", { role: "department", unit: "fire", grid: null })])] });
    await flushPromises();
    await at("account-role").setValue("department");
    expect([rows(), at("account-row-fire").text()]).toEqual([1, expect.stringContaining("Department fire · Whole site")]);
  });

  it("can be changed only by who may", async () => {
    open(AccountList, { accounts: [worker(1)] }, someone("Sun", "privacy", ["accounts.read", "grants.read"]));
    await flushPromises();
    expect([at("account-grants-worker-1").exists(), at("account-edit-worker-1").exists(), at("account-disable-worker-1").exists()]).toEqual([true, false, false]);
  });
});

describe("a new account", () => {
  it("has a right on a grid that is found among all of a county by what is typed", async () => {
    open(AccountDialog, { account: null });
    await at("account-login").setValue("Li");
    await at("account-name").setValue("Li Na");
    await at("grant-role").setValue("worker");
    expect(at("grant-grid").findAll("option")).toHaveLength(0);
    await pickGrid("grant-grid", "grid 1777");
    expect(at("grant-means").text()).toBe("Grid worker: Grid 1777 and all below it, always.");
    await at("confirm-yes").trigger("click");
    expect(hub.createAccount.mock.calls[0]?.[0]).toMatchObject({ login: "li", name: "Li Na", grants: [{ role: "worker", grid: code(1777), unit: null, window: null }] });
  });

  it("is not made while one of its rights is not whole", async () => {
    open(AccountDialog, { account: null });
    await at("account-login").setValue("li");
    await at("account-name").setValue("Li Na");
    await at("confirm-yes").trigger("click");
    expect([hub.createAccount.mock.calls.length, at("account-wanting").exists()]).toEqual([0, true]);
    await at("account-grant-more").trigger("click");
    await at("account-grant-drop-1").trigger("click");
    expect([at("account-grant-1").exists(), at("account-grant-2").exists()]).toEqual([true, false]);
  });
});

describe("the rights of an account", () => {
  const standings = () => view.findAll("[data-standing]").map((row) => row.attributes("data-standing"));

  it("stand as those that count, that will, and that did", () => {
    const window = { starts_at: "2999-01-01T00:00:00Z", ends_at: null, weekdays: [1], from_minute: 0, to_minute: 1440 };
    hub.given.push(aGrant("a", { ended_at: "2026-02-01T00:00:00Z", ended_by: "Zhao" }), aGrant("b", { in_force: false, window }), aGrant("c"));
    open(GrantsPanel, { account: worker(1) });
    expect(standings()).toEqual(["now", "coming", "over"]);
    expect([at("grants-past").text(), at("grants-coming").text()]).toEqual([expect.stringContaining("ended by Zhao"), expect.stringContaining("from 2999-01-01")]);
    expect([at("grant-end-c").exists(), at("grant-end-a").exists()]).toEqual([true, false]);
  });

  it("are given for certain times, in words before it is done", async () => {
    open(GrantsPanel, { account: worker(1) });
    await at("grant-new").trigger("click");
    await at("grant-role").setValue("owner");
    await at("grant-unit").setValue("School");
    await pickGrid("grant-grid", "grid 12");
    await at("grant-limit").setValue(true);
    expect(at("grant-means").text()).toBe("Owner: School · Grid 12 and all below it, Mon–Fri 8:00–18:00.");
    await at("grant-form").trigger("submit");
    expect(hub.giveGrant.mock.calls[0]).toMatchObject(["worker-1", { role: "owner", grid: code(12), unit: "School", window: { weekdays: [1, 2, 3, 4, 5], from_minute: 480 } }]);
  });

  it("are refused in words", async () => {
    hub.giveGrant.mockResolvedValue({ kind: "error", problem: { status: 403, code: "not_to_give", title: "", detail: "operator on the whole site", errors: [] } });
    open(GrantsPanel, { account: worker(1) });
    await at("grant-new").trigger("click");
    await at("grant-role").setValue("operator");
    await pickGrid("grant-grid", "whole");
    await at("grant-form").trigger("submit");
    await flushPromises();
    expect(at("error").text()).toContain("not yours to give");
  });

  it("end after a question", async () => {
    hub.given.push(aGrant("c"));
    hub.endGrant.mockResolvedValue({ kind: "ok", value: undefined });
    open(GrantsPanel, { account: worker(1) });
    await at("grant-end-c").trigger("click");
    expect(hub.endGrant).not.toHaveBeenCalled();
    await at("confirm-yes").trigger("click");
    expect(hub.endGrant).toHaveBeenCalledWith("worker-1", "c");
  });

  it("are for a chief to give and to end on their own ground only", async () => {
    hub.grids.push({ code: "9", name: "Elsewhere", path: ["9"] });
    hub.given.push(aGrant("near", { grid: code(5) }), aGrant("far", { grid: "9" }), aGrant("high", { grid: code(5), role: "operator" }));
    const held = [{ role: "chief" as const, grid: "62", unit: null, window: null }];
    open(GrantsPanel, { account: worker(1) }, someone("Li", "chief", RIGHTS, { grants: held }));
    await flushPromises();
    expect(["near", "far", "high"].map((id) => at(`grant-end-${id}`).exists())).toEqual([true, false, false]);
    await at("grant-new").trigger("click");
    expect((at("grant-role").element as HTMLSelectElement).value).toBe("worker");
  });
});
