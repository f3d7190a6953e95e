import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { computed, ref } from "vue";

import { session } from "@/api/session";
import { someone } from "@/api/someone";

import { mounted } from "../cameras/mounting";
import type { Post, Roster, Sheet } from "./data";
import DutyPage from "./DutyPage.vue";
import { aRoster, aTurn } from "./given";
import LeaveSheet from "./LeaveSheet.vue";
import SheetImport from "./SheetImport.vue";

const hub = vi.hoisted(() => ({
  giveTurns: vi.fn(),
  endTurn: vi.fn(),
  swapTurn: vi.fn(),
  copyWeek: vi.fn(),
  putPost: vi.fn(),
  endPost: vi.fn(),
  addLeave: vi.fn(),
  endLeave: vi.fn(),
  importSheet: vi.fn(),
  reload: vi.fn(),
}));
const roster = ref<Roster>(aRoster());
const posts = ref<Post[]>([]);
const asked = ref<string | null>(null);
const answered = <T>(data: T) => ({ data: ref(data), isError: ref(false), error: ref(null), refetch: vi.fn() });
vi.mock("./data", () => ({
  ...hub,
  useRoster: (_grid: unknown, week: () => string | null) => ({ ...answered(null), data: computed(() => ((asked.value = week()), roster.value)) }),
  useShifts: () => answered({ items: [{ id: "early", name: "Early", from: "08:00", to: "16:00", grid: null, from_file: true }] }),
  useNowOn: () =>
    answered({
      grid: "g",
      at: "2026-11-23T00:00:00Z",
      roles: [
        { role: "worker", people: [{ account: "lin", name: "Lin", role: "worker", grid: "t", grid_name: "Town", why: "parent", unit: null, said: "" }] },
        { role: "chief", people: [] },
      ],
    }),
  usePosts: () => ({ ...answered(null), data: computed(() => ({ items: posts.value })) }),
  useVacancies: () => answered({ items: [] }),
  useLeave: () => answered([{ id: "l1", account: "lin", name: "Lin", starts_at: "2026-11-23T16:00:00Z", ends_at: "2026-11-24T16:00:00Z", ended_at: null }]),
}));
vi.mock("@/features/accounts/data", () => ({ useGrounds: () => ref([{ code: "g", name: "Grid", path: ["g"] }]) }));

const RIGHTS = ["duty.read", "duty.write", "duty.import", "grids.read"];
const who = (actions = RIGHTS) => ({ ...someone("Li", "chief", actions), grants: [{ role: "chief" as const, grid: "g", unit: null, window: null }] });
const ok = (value: unknown) => ({ kind: "ok", value });

let view: VueWrapper;
const at = (name: string) => view.find(`[data-test="${name}"]`);

beforeEach(() => {
  for (const call of Object.values(hub)) call.mockReset().mockResolvedValue(ok(undefined));
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function () {
    this.open = false;
  };
  vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(600);
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(600);
  roster.value = aRoster();
  posts.value = [];
});
afterEach(() => {
  view.unmount();
  session.me = null;
  vi.restoreAllMocks();
});

describe("the week", () => {
  it("is walked with the arrow keys and opened with Enter, and a turn is given", async () => {
    view = mounted(DutyPage, {}, who());
    await at("cell-Lin-2026-11-23").trigger("focus");
    await at("week").trigger("keydown", { key: "ArrowRight" });
    await flushPromises();
    expect(document.activeElement?.getAttribute("data-test")).toBe("cell-Lin-2026-11-24");
    await at("cell-Lin-2026-11-24").trigger("click");
    await at("turn-dialog").find("form").trigger("submit");
    expect(hub.giveTurns).toHaveBeenCalledWith({ account: "lin", grid: "g", role: "worker", shift: "early", days: ["2026-11-24"] });
    await flushPromises();
    expect([hub.reload.mock.calls.length, at("turn-dialog").exists()]).toEqual([1, false]);
  });

  it("gives a whole week at once", async () => {
    view = mounted(DutyPage, {}, who());
    await at("cell-Lin-2026-11-23").trigger("click");
    await at("turn-whole").setValue(true);
    await at("turn-dialog").find("form").trigger("submit");
    expect(hub.giveTurns.mock.calls[0]?.[0].days).toHaveLength(7);
  });

  it("takes back and swaps what is to come, and leaves what is over", async () => {
    const coming = { starts_at: "2099-11-24T00:00:00Z", ends_at: "2099-11-24T08:00:00Z", day: "2026-11-24" };
    roster.value = aRoster({ turns: [aTurn({ id: "old", starts_at: "2020-01-01T00:00:00Z", ends_at: "2020-01-01T08:00:00Z" }), aTurn({ id: "new", ...coming })] });
    view = mounted(DutyPage, {}, who());
    await at("cell-Lin-2026-11-23").trigger("click");
    expect([at("turn-end-old").exists(), at("turn-swap").exists()]).toEqual([false, false]);
    await at("turn-close").trigger("click");
    await at("cell-Lin-2026-11-24").trigger("click");
    await at("turn-swap-to").setValue("wu");
    await at("turn-swap").trigger("click");
    expect(hub.swapTurn).toHaveBeenCalledWith("new", "wu");
    await flushPromises();
    await at("cell-Lin-2026-11-24").trigger("click");
    await at("turn-end-new").trigger("click");
    expect(hub.endTurn).toHaveBeenCalledWith("new");
  });

  it("says what the hub refused", async () => {
    hub.giveTurns.mockResolvedValue({ kind: "error", problem: { status: 409, code: "overlaps", title: "", detail: "Lin has a turn", errors: [] } });
    view = mounted(DutyPage, {}, who());
    await at("cell-Lin-2026-11-23").trigger("click");
    await at("turn-dialog").find("form").trigger("submit");
    await flushPromises();
    expect(at("turn-dialog").text()).toContain("Lin has a turn");
  });

  it("is copied from the week before, and walked by weeks", async () => {
    hub.copyWeek.mockResolvedValue(ok({ turns: [aTurn()], left: 2 }));
    view = mounted(DutyPage, {}, who());
    await at("week-copy").trigger("click");
    expect(hub.copyWeek).toHaveBeenCalledWith("g", "2026-11-16", "2026-11-23");
    await at("week-after").trigger("click");
    expect(asked.value).toBe("2026-11-30");
    await at("week-today").trigger("click");
    expect(asked.value).toBeNull();
  });

  it("is only read by who does not keep it", async () => {
    roster.value = aRoster({ writable: false, people: [], turns: [aTurn()] });
    view = mounted(DutyPage, {}, who(["duty.read", "grids.read"]));
    expect(["week-copy", "leave-open", "import-open", "post-set"].map((name) => at(name).exists())).toEqual([false, false, false, false]);
    await at("cell-Lin-2026-11-23").trigger("click");
    expect(at("turn-give").exists()).toBe(false);
  });
});

it("tells who is on duty now, and why", () => {
  view = mounted(DutyPage, {}, who());
  expect(at("now-worker").text()).toContain("Nobody here is on duty: Town answers");
  expect(at("now-chief").text()).toBe("Nobody on duty");
});

it("sets a post, and takes one back that was set by hand", async () => {
  posts.value = [{ id: "p1", grid: "g", grid_name: "Grid", role: "worker", wanted: 2, title: "", holders: [{ account: "lin", name: "Lin" }], missing: 1, told: true }];
  view = mounted(DutyPage, {}, who());
  expect(at("post-worker").text()).toContain("1 of 2");
  await at("post-end-worker").trigger("click");
  expect(hub.endPost).toHaveBeenCalledWith("p1");
  await at("post-set").trigger("click");
  await at("post-wanted").setValue(3);
  await at("posts").find("form").trigger("submit");
  expect(hub.putPost).toHaveBeenCalledWith({ grid: "g", role: "worker", wanted: 3, title: "" });
});

it("enters leave by days of the site, and its end", async () => {
  view = mounted(LeaveSheet, { people: [{ account: "lin", name: "Lin" }] }, who());
  await at("leave-who").setValue("lin");
  await at("leave-from").setValue("2026-11-24");
  await at("leave-to").setValue("2026-11-25");
  await view.find("form").trigger("submit");
  expect(hub.addLeave).toHaveBeenCalledWith({ account: "lin", starts_at: "2026-11-23T16:00:00.000Z", ends_at: "2026-11-25T16:00:00.000Z" });
  await flushPromises();
  await at("leave-end-Lin").trigger("click");
  expect(hub.endLeave).toHaveBeenCalledWith("l1");
});

describe("a sheet", () => {
  const line = (number: number, outcome: "created" | "refused", code: string | null = null) => ({ number, login: `p${number}`, outcome, text: "told", code });
  const tried: Sheet = { written: false, stamp: "s1", lines: [line(2, "created"), line(3, "refused", "unknown_role")], ignored: ["手机"], first_passwords: [] };

  async function choose(): Promise<void> {
    const input = at("import-file");
    Object.defineProperty(input.element, "files", { value: [new File(["login"], "a.csv")], configurable: true });
    await input.trigger("change");
    await vi.waitFor(() => expect(hub.importSheet).toHaveBeenCalled());
    await flushPromises();
  }

  it("is tried first, and written with the stamp without what is refused; passwords are not lost", async () => {
    const told: string[] = [];
    hub.importSheet.mockResolvedValueOnce(ok(tried));
    hub.importSheet.mockResolvedValueOnce(ok({ ...tried, written: true, first_passwords: [{ login: "p2", name: "P", password: "x" }] }));
    view = mounted(SheetImport, { onClose: () => told.push("close"), onDone: () => told.push("done") }, who());
    await choose();
    expect(hub.importSheet.mock.calls[0]?.slice(2)).toEqual([null, false]);
    expect([at("import-ignored").text(), at("import-line-3").text()]).toEqual([expect.stringContaining("手机"), expect.stringContaining("There is no such role")]);
    expect(at("import-run").attributes("disabled")).toBeDefined();
    await at("import-skip").setValue(true);
    await at("import-run").trigger("click");
    await flushPromises();
    expect(hub.importSheet.mock.calls[1]?.slice(2)).toEqual(["s1", true]);
    expect(told).toEqual(["done"]);

    await at("sheet-close").trigger("click");
    expect(told).toEqual(["done"]);
    // Esc asks too, in a sheet that is still there.
    await at("confirm-no").trigger("click");
    await at("sheet").trigger("cancel");
    expect([told, at("confirm").attributes("open"), at("sheet").attributes("open")]).toEqual([["done"], "", ""]);
    vi.stubGlobal("URL", Object.assign(URL, { createObjectURL: () => "blob:x", revokeObjectURL: () => undefined }));
    await at("import-download").trigger("click");
    await at("sheet-close").trigger("click");
    expect(told).toEqual(["done", "close"]);
  });
});
