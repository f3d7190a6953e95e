import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ref } from "vue";

import { mounted } from "../cameras/mounting";
import AccountDialog from "./AccountDialog.vue";
import AccountList from "./AccountList.vue";
import type { Account } from "./data";

const hub = vi.hoisted(() => ({ createAccount: vi.fn(), changeAccount: vi.fn(), grids: [] as { code: string; name: string }[] }));
vi.mock("./data", () => ({ ...hub, ROLES: ["operator", "worker", "admin"], useGridNames: () => ref(hub.grids) }));

const code = (n: number) => `62${String(n).padStart(6, "0")}`;
const account = (n: number) =>
  ({ ...{ id: `a${n}`, login: `worker-${n}`, name: `Worker ${n}`, role: "worker", grid_code: code(n) }, ...{ disabled_at: null, locked_until: null, must_change: false } }) as unknown as Account;

let view: VueWrapper;
const rows = () => view.findAll("[role=row]").length - 1;
const shows = (login: string) => view.find(`[data-test="account-row-${login}"]`).exists();

beforeEach(() => {
  hub.grids.push(...Array.from({ length: 1_800 }, (_, n) => ({ code: code(n), name: `Grid ${n}` })));
  // Here nothing has a size of its own.
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(600);
  vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(1_200);
});
afterEach(() => {
  view.unmount();
  hub.grids.length = 0;
  vi.restoreAllMocks();
});

describe("the accounts of a county", () => {
  it("are drawn as far as they can be seen, and found by words", async () => {
    view = mounted(AccountList, { accounts: Array.from({ length: 1_300 }, (_, n) => account(n)) });
    await flushPromises();
    expect(shows("worker-0")).toBe(true);
    expect(rows()).toBeGreaterThan(5);
    expect(rows()).toBeLessThan(60);
    const find = view.find("[data-test=account-find]");
    await find.setValue("grid 1287");
    expect([rows(), shows("worker-1287")]).toEqual([1, true]);
    await find.setValue(`${code(44)} WORKER`);
    expect([rows(), shows("worker-44")]).toEqual([1, true]);
    await find.setValue("nobody");
    expect([rows(), view.find("[data-test=empty]").exists()]).toEqual([0, true]);
  });
});

describe("the grid of a worker", () => {
  it("is found among all of a county by what is typed", async () => {
    hub.changeAccount.mockResolvedValue({ kind: "aborted" });
    view = mounted(AccountDialog, { account: account(3) });
    const grid = view.find("[data-test=account-grid]");
    expect(grid.findAll("option")).toHaveLength(0);
    const field = grid.find("[aria-label='Own grid']");
    await field.trigger("click");
    await field.setValue("grid 1777");
    await flushPromises();
    await field.trigger("keydown", { key: "Enter" });
    await view.find("[data-test=confirm-yes]").trigger("click");
    expect(hub.changeAccount.mock.calls[0]?.[1]).toMatchObject({ role: "worker", grid_code: code(1777) });
  });
});
