import { flushPromises, mount } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createMemoryHistory, createRouter } from "vue-router";

import { queryClient } from "@/api/queries";
import { PLUGINS, pretendHub } from "@/features/alerts/pretend";
import { setLanguage } from "@/i18n";

import type { Sheet, Weekly } from "./data";
import WeeklySheet from "./WeeklySheet.vue";

const SHEET: Sheet = { cases: 20, shares: { void: 0.25, suspended: 0.1, extended: 0, said_later: 0.05 }, figures: [] };
const WEEK: Weekly = { report: { grid: "", name: "", first: "2026-11-16", last: "2026-11-22", now: SHEET, before: SHEET, waits: [] }, ranks: [], overdue: [] };

describe("the week's sheet", () => {
  let hub: ReturnType<typeof pretendHub>;
  beforeEach(() => {
    setLanguage("en");
    hub = pretendHub();
  });
  afterEach(() => {
    vi.unstubAllGlobals();
    queryClient.clear();
  });

  it("tells beside its rates what was void, suspended, extended and told later", async () => {
    const router = createRouter({ history: createMemoryHistory(), routes: [{ path: "/", component: WeeklySheet }] });
    const view = mount(WeeklySheet, { props: { grid: null, indicators: [], day: "2026-11-18", chosen: "closed" }, global: { plugins: [router, ...PLUGINS] } });
    await flushPromises();
    await hub.last("/indicators/weekly").answer(WEEK);
    await flushPromises();
    const shares = view.get(".shares").text();
    for (const told of ["20 cases", "Void 25.0%", "Suspended 10.0%", "Extended 0.0%", "Told later 5.0%"]) expect(shares).toContain(told);
  });
});
