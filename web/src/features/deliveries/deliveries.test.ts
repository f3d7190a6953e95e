import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ref } from "vue";

import { session } from "@/api/session";
import { someone } from "@/api/someone";

import { mounted } from "../cameras/mounting";
import NoticesPage from "./NoticesPage.vue";
import TryList from "./TryList.vue";
import type { Delivery, Notice } from "./types";
import WhyLines from "./WhyLines.vue";
import { minuteOf, minuteText, pageOf } from "./words";

const AT = "2026-03-02T08:00:00.000Z";

const hub = vi.hoisted(() => ({ acknowledge: vi.fn(), retry: vi.fn(), saveChannels: vi.fn(), notices: [] as Notice[], deliveries: [] as Delivery[], fails: false }));
const list = (items: unknown[]) => ({ query: { isError: ref(hub.fails), error: ref(null), isLoading: ref(false), hasNextPage: ref(false), isFetchingNextPage: ref(false), refetch: vi.fn() }, items: ref(items) });
vi.mock("./data", () => ({
  ...hub,
  NOTICES: ["notices"],
  acknowledge: hub.acknowledge,
  useNotices: () => list(hub.notices),
  useDeliveries: () => list(hub.deliveries),
  useClasses: () => ref([{ code: "01", name: "公共安全", name_en: "Safety", minor: [{ code: "0101", name: "烟火", name_en: "Fire" }] }]),
  useTries: () => ({ data: ref([{ at: AT, error_class: "permanent", status: 400, words: "HTTP 400" }]), isError: ref(false), error: ref(null) }),
  useChannels: () => ({ data: ref({ phone: null, robot_id: null, mention: false, quiet_from: 1320, quiet_to: 360 }), isError: ref(false), error: ref(null) }),
}));
vi.mock("@/api/queries", async (original) => ({ ...(await original<object>()), useInvalidation: vi.fn() }));
vi.mock("vue-router", async (original) => ({ ...(await original<object>()), RouterLink: { props: ["to"], template: "<a><slot /></a>" } }));

const notice = (key: string, more: Partial<Notice> = {}): Notice => ({
  key, about: "incident/i1", kind: "dispatched", severity: "P1", grid_code: "g", grid_name: "East", class_code: "0101", at: AT, exercise: false, why: "shift", acked_at: null, ...more,
});
const delivery = (id: string, more: Partial<Delivery> = {}): Delivery => ({
  id, notice_key: id, about: "incident/i1", kind: "dispatched", severity: "P1", grid_path: ["g"], exercise: false, person: "Wang", channel: "sms", why: "shift",
  state: "dead", tries: 3, created_at: AT, next_try_at: AT, sent_at: null, acked_at: null, dead_at: AT, error: "permanent", retried_by: null, retried_at: null, ...more,
});

describe("words", () => {
  it("lead to the page of what a notice is about", () => {
    expect(pageOf("incident/i1")).toEqual({ name: "incident", params: { id: "i1" } });
    expect(pageOf("grid/990101")).toBeNull();
  });

  it("read and write minutes of a day", () => {
    expect([minuteText(0), minuteText(1439), minuteText(null)]).toEqual(["00:00", "23:59", ""]);
    expect([minuteOf("06:30"), minuteOf("")]).toEqual([390, null]);
  });
});

describe("the page of notices", () => {
  let view: VueWrapper;
  const at = (name: string) => view.find(`[data-test="${name}"]`);
  async function open(...actions: string[]): Promise<void> {
    view = mounted(NoticesPage, {}, someone("Wang", "worker", actions));
    await flushPromises();
  }

  beforeEach(() => {
    hub.notices.push(notice("a"), notice("b", { acked_at: AT, about: "grid/1", class_code: null }));
    hub.deliveries.push(delivery("d1"), delivery("d2", { state: "sent", error: null }));
    for (const done of [hub.acknowledge, hub.retry, hub.saveChannels]) done.mockReset().mockResolvedValue({ kind: "ok" });
    vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(600);
  });
  afterEach(() => {
    view.unmount();
    hub.notices.length = hub.deliveries.length = 0;
    session.me = null;
    vi.restoreAllMocks();
  });

  it("tells what happened, of which class, where, and why to me", async () => {
    await open("self.channels");
    expect(at("notice").text()).toContain("East · 0101 Fire · New task");
    expect(at("notice").text()).toContain("on duty by shift");
    await at("read").trigger("click");
    expect(hub.acknowledge).toHaveBeenCalledWith(["a"]);
  });

  it("shows what reaches all only to who may see it", async () => {
    await open("self.channels");
    expect([at("tab-mine").exists(), at("tab-all").exists()]).toEqual([true, false]);
  });

  it("keeps where I am reached, with both ends of the quiet hours or none", async () => {
    await open("self.channels");
    await at("tab-channels").trigger("click");
    await at("phone").setValue("13800000001");
    await at("channels").trigger("submit");
    await flushPromises();
    expect(hub.saveChannels).toHaveBeenCalledWith({ phone: "13800000001", robot_id: null, mention: false, quiet_from: 1320, quiet_to: 360 });
    expect(at("channels-saved").exists()).toBe(true);
  });

  it("says who had a dead letter tried again", () => {
    const one = mounted(TryList, { delivery: delivery("d1", { retried_by: "Zhao", retried_at: AT }) }, someone("Wang", "worker", ["deliveries.read"]));
    expect(one.get("[data-test=retried]").text()).toContain("Zhao had it tried again");
    one.unmount();
  });
});

describe("why an errand is here", () => {
  it("is said to whoever it is for", () => {
    const why = [
      { code: "centre", centre: "c", name: "County", why: "own_grid", grid: "East" },
      { code: "class", class: "0101", name: "烟火", name_en: "Fire" },
      { code: "on_duty", account: "a", name: "Wang", grid: "East", why: "shift", alone: "yes" },
      { code: "department", unit: "fire", how: "propose" },
    ];
    const view = mounted(WhyLines, { why }, someone("Wang", "worker"));
    const lines = view.findAll("li").map((each) => each.text());
    expect(lines[1]).toBe("Class 0101 Fire");
    expect(lines[2]).toBe("On duty for East: you (on duty by shift); nobody else is on duty");
    view.unmount();
  });
});
