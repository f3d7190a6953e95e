import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ref } from "vue";

import { mounted } from "../cameras/mounting";
import type { Preview, Version } from "./data";
import GridsPage from "./GridsPage.vue";
import { aChange, aFault, aPreview, aVersion } from "./pretend";

const hub = vi.hoisted(() => ({ preview: vi.fn(), bring: vi.fn(), withdraw: vi.fn(), reload: vi.fn(), versions: [] as unknown[], fails: false }));
vi.mock("./data", () => ({
  ...hub,
  useVersions: () => ({ data: ref(hub.fails ? undefined : hub.versions), isError: ref(hub.fails), error: ref(null), refetch: vi.fn() }),
  useVersion: (no: () => number | null) => ({
    data: ref({ ...aVersion(2), changes: [aChange("a"), aChange("b", { kinds: ["retired", "split"], heirs: ["b1", "b2"] })] }),
    isError: ref(false),
    error: ref(null),
    asked: no,
  }),
}));
vi.mock("./DrawingMap.vue", () => ({ default: { props: ["changes", "faults", "chosen"], template: "<div data-test='drawing-map' :data-changes='changes.length' :data-faults='faults.length' :data-chosen='chosen?.code ?? chosen?.kind ?? null' />" } }));
vi.mock("vue-router", async (original) => ({ ...(await original<object>()), RouterLink: { template: "<a><slot /></a>" } }));

const FILE = JSON.stringify({ type: "FeatureCollection", features: [{ type: "Feature", properties: { code: "a", name: "A" }, geometry: null }] });

describe("the page of the grids", () => {
  let page: VueWrapper | null = null;
  const shown = (): VueWrapper => page as VueWrapper;

  beforeEach(() => {
    hub.versions = [aVersion(3, { state: "planned", why: "minutes 9" }), aVersion(2), aVersion(1, { state: "past" })] satisfies Version[];
    hub.fails = false;
    for (const call of [hub.preview, hub.bring, hub.withdraw, hub.reload]) call.mockReset();
    for (const side of ["clientWidth", "clientHeight", "offsetWidth", "offsetHeight"] as const) vi.spyOn(HTMLElement.prototype, side, "get").mockReturnValue(400);
    HTMLDialogElement.prototype.showModal ??= vi.fn();
    HTMLDialogElement.prototype.close ??= vi.fn();
  });
  afterEach(() => {
    page?.unmount();
    vi.restoreAllMocks();
  });

  const open = (): VueWrapper => (page = mounted(GridsPage, {}));
  const map = () => shown().get("[data-test=drawing-map]");
  const press = async (what: string): Promise<void> => {
    await shown().get(`[data-test=${what}]`).trigger("click");
    await flushPromises();
  };

  async function choose(text: string): Promise<void> {
    await press("redraw-open");
    const input = shown().get<HTMLInputElement>("[data-test=redraw-file]");
    Object.defineProperty(input.element, "files", { value: [new File([text], "grids.geojson")], configurable: true });
    await input.trigger("change");
    await flushPromises();
  }

  async function look(answer: Preview): Promise<void> {
    hub.preview.mockResolvedValue({ kind: "ok", value: answer });
    await choose(FILE);
    await shown().get("[data-test=redraw-datum-gcj02]").setValue(true);
    await shown().get("[data-test=redraw-form]").trigger("submit");
    await flushPromises();
  }

  it("tells the versions, and shows what one of them changed", async () => {
    open();
    expect(shown().findAll("[data-state]").map((each) => each.attributes("data-state"))).toEqual(["planned", "in_force", "past"]);
    expect(map().attributes("data-changes")).toBe("0");
    await shown().get("[data-test=grid-version-2] .open").trigger("click");
    await flushPromises();
    expect(map().attributes("data-changes")).toBe("2");
    await press("grid-change-b");
    expect(map().attributes("data-chosen")).toBe("b");
    expect(shown().get("[data-test=grid-change-b]").text()).toContain("goes on in b1 b2");
    await press("grid-kind-split");
    expect(shown().find("[data-test=grid-change-a]").exists()).toBe(false);
  });

  it("says when there are none, and when they could not be read", () => {
    hub.versions = [];
    expect(open().find("[data-test=empty]").exists()).toBe(true);
    shown().unmount();
    hub.fails = true;
    expect(open().find("[data-test=error]").exists()).toBe(true);
  });

  it("withdraws only what is planned, after a question", async () => {
    hub.withdraw.mockResolvedValue({ kind: "ok", value: aVersion(3) });
    open();
    expect(shown().find("[data-test=grid-withdraw-2]").exists()).toBe(false);
    await press("grid-withdraw-3");
    expect(hub.withdraw).not.toHaveBeenCalled();
    await press("confirm-yes");
    expect(hub.withdraw).toHaveBeenCalledWith(3);
    expect(hub.reload).toHaveBeenCalled();
  });

  it("refuses a file that is none, and asks for the datum before it looks", async () => {
    open();
    await choose("{}");
    expect(shown().find("[data-test=redraw-unreadable]").exists()).toBe(true);
    await press("redraw-open");
    await choose(FILE);
    expect(shown().get("[data-test=redraw-look]").attributes("disabled")).toBeDefined();
  });

  it("brings in what was previewed, with a reason, after a question", async () => {
    hub.bring.mockResolvedValue({ kind: "ok", value: { accepted: true, planned: false, version: 4, cameras_bound: 7, cameras_unbound: 1 } });
    open();
    await look(aPreview({ moves: [{ source_kind: "camera", id: "gate", name: "Gate", kind: "civil", before: "a", after: null }] }));
    expect(hub.preview.mock.calls[0]?.[1]).toEqual({ missing: "end", under: "" });
    expect(JSON.parse(hub.preview.mock.calls[0]?.[0] as string)).toMatchObject({ datum: "gcj02" });
    expect(shown().get("[data-test=stakes-moves]").text()).toContain("1 of them become unbound");
    expect(shown().get("[data-test=redraw-bring]").attributes("disabled")).toBeDefined();
    await shown().get("[data-test=redraw-why]").setValue("minutes 7");
    await shown().get("[data-test=redraw-decision]").trigger("submit");
    expect(hub.bring).not.toHaveBeenCalled();
    await shown().get("[data-test=redraw-decision] [data-test=confirm-yes]").trigger("click");
    await flushPromises();
    expect(hub.bring.mock.calls[0]?.[1]).toMatchObject({ seen: "word-1", why: "minutes 7", exception: "", validFrom: null });
    expect(shown().get("[data-test=redraw-done]").text()).toContain("7 cameras bound");
  });

  it("plans a redraw for a day of the site's zone, unless a later one is planned", async () => {
    hub.bring.mockResolvedValue({ kind: "ok", value: { accepted: true, planned: true, version: 4, cameras_bound: 0, cameras_unbound: 0 } });
    open();
    await look(aPreview({ not_before: "2030-01-01T00:00:00.000Z" }));
    await shown().get("[data-test=redraw-why]").setValue("minutes 7");
    expect(shown().find("[data-test=redraw-waits]").exists()).toBe(true);
    await shown().get("[data-test=redraw-from]").setValue("2031-01-01");
    expect(shown().find("[data-test=redraw-waits]").exists()).toBe(false);
    await shown().get("[data-test=redraw-decision]").trigger("submit");
    await shown().get("[data-test=redraw-decision] [data-test=confirm-yes]").trigger("click");
    await flushPromises();
    expect(hub.bring.mock.calls[0]?.[1]).toMatchObject({ validFrom: "2030-12-31T16:00:00.000Z" });
    expect(shown().get("[data-test=redraw-done]").text()).toContain("takes effect by itself");
  });

  it("lists the faults, shows one on the map, and wants an exception for those that can be excused", async () => {
    open();
    await look(aPreview({ faults: [aFault("gap")] }));
    expect(map().attributes("data-faults")).toBe("1");
    await press("grid-fault-gap");
    expect(map().attributes("data-chosen")).toBe("gap");
    await shown().get("[data-test=redraw-why]").setValue("minutes 7");
    expect(shown().get("[data-test=redraw-bring]").attributes("disabled")).toBeDefined();
    await shown().get("[data-test=redraw-exception]").setValue("old survey");
    expect(shown().get("[data-test=redraw-bring]").attributes("disabled")).toBeUndefined();
  });

  it("does not bring in what is broken or of a file, and forgets what was seen when the terms change", async () => {
    open();
    await look(aPreview({ faults: [aFault("missing_parent", { excusable: false })], sound: false }));
    expect(shown().get("[data-test=redraw-decision]").attributes("data-verdict")).toBe("broken");
    expect(shown().find("[data-test=redraw-bring]").exists()).toBe(false);
    await shown().get("[data-test=redraw-missing-stay]").setValue(true);
    await flushPromises();
    expect(shown().find("[data-test=redraw-decision]").exists()).toBe(false);
    expect(map().attributes("data-faults")).toBe("0");
  });

  it("tells a refusal, such as another drawing since", async () => {
    hub.bring.mockResolvedValue({ kind: "error", problem: { status: 409, code: "grids_changed", title: "", detail: "", errors: [] } });
    open();
    await look(aPreview());
    await shown().get("[data-test=redraw-why]").setValue("minutes 7");
    await shown().get("[data-test=redraw-decision]").trigger("submit");
    await shown().get("[data-test=redraw-decision] [data-test=confirm-yes]").trigger("click");
    await flushPromises();
    expect(shown().get("[data-code=grids_changed]").text()).toContain("preview again");
  });
});
