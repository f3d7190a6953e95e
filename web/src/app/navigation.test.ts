import { QueryClient, VueQueryPlugin } from "@tanstack/vue-query";
import { flushPromises, mount, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { defineComponent, h, Suspense, type Component } from "vue";
import { createMemoryHistory, createRouter, RouterView } from "vue-router";

import { session, type RoleName } from "@/api/session";
import { someone } from "@/api/someone";
import { i18n } from "@/i18n";

import { actionsOf, PEOPLE, refuses } from "./house";
import { fits, homeOf, lined, pagesOf } from "./navigation";
import OfficeFrame from "./OfficeFrame.vue";
import { routes } from "./router";

const who = (...roles: RoleName[]) => someone("Li", roles, [...new Set(roles.flatMap(actionsOf))]);
const places = (...roles: RoleName[]) => pagesOf(who(...roles)).map(({ name }) => name);

describe("the places of a role", () => {
  it.each([
    ["operator", "/wall", ["wall", "alerts", "board", "whistles", "supervisions", "map", "cameras", "report", "duty", "drills", "indicators", "system"]],
    ["shift_leader", "/wall", ["wall", "alerts", "board", "whistles", "supervisions", "map", "cameras", "report", "duty", "drills", "indicators", "system", "privacy"]],
    ["dispatcher", "/board", ["wall", "alerts", "board", "whistles", "map", "cameras", "duty", "indicators", "system"]],
    ["chief", "/board", ["wall", "alerts", "board", "whistles", "supervisions", "map", "cameras", "tasks", "report", "duty", "drills", "indicators", "system", "accounts"]],
    ["worker", "/tasks", ["tasks", "report", "indicators"]],
    ["department", "/whistles", ["whistles", "supervisions", "report", "indicators"]],
    ["admin", "/wall", ["wall", "alerts", "board", "supervisions", "map", "cameras", "duty", "drills", "indicators", "system", "accounts", "consents", "privacy", "grids"]],
    ["supervisor", "/board", ["alerts", "board", "supervisions", "map", "drills", "indicators"]],
    ["camera_admin", "/cameras", ["alerts", "map", "cameras", "drills", "indicators", "system", "accounts", "consents", "privacy"]],
    ["assessor", "/board", ["board", "supervisions", "map", "drills", "indicators"]],
    ["privacy", "/accounts", ["map", "cameras", "accounts", "consents", "privacy"]],
    ["owner", "/consents", ["consents"]],
  ] as const)("%s begins at %s", (role, home, offered) => {
    expect([homeOf(who(role)), places(role)]).toEqual([home, offered]);
  });

  it("stand in one line as long as it holds them, then what is not of every day stands under more", () => {
    const names = (pages: readonly { name: string }[]) => pages.map(({ name }) => name);
    const few = lined(pagesOf(who("dispatcher")));
    expect([few.line.length, few.more]).toEqual([9, []]);
    const many = lined(pagesOf(who("shift_leader")));
    expect(names(many.line)).toEqual(["wall", "alerts", "board", "whistles", "supervisions", "map", "cameras", "report"]);
    expect(names(many.more)).toEqual(["duty", "drills", "indicators", "system", "privacy"]);
  });

  it("are all there for who has several, and the most active one is the first", () => {
    expect(places("worker", "owner")).toEqual(["tasks", "report", "indicators", "consents"]);
    expect(homeOf(who("worker", "owner"))).toBe("/tasks");
    expect(homeOf(who("assessor", "operator", "worker"))).toBe("/wall");
  });

  it("are the tasks on a phone, for who has some", () => {
    expect([homeOf(who("chief"), true), homeOf(who("operator"), true)]).toEqual(["/tasks", "/wall"]);
    expect([homeOf(who("department"), true), homeOf(who("department", "worker"), true)]).toEqual(["/whistles", "/tasks"]);
  });

  it("are none without a right in force", () => {
    expect([places(), homeOf(who())]).toEqual([[], null]);
  });
});

describe("every page, opened by everybody", () => {
  const PATHS: Record<string, string> = {
    wall: "/wall", "wall-screen": "/wall/2", alerts: "/alerts/a1", map: "/map", cameras: "/cameras", camera: "/cameras/c1", "camera-draw": "/cameras/c1/draw",
    indicators: "/indicators", drills: "/drills/d1", notices: "/notices", supervisions: "/supervisions",
    playback: "/playback/a1", system: "/system", duty: "/duty", accounts: "/accounts", consents: "/consents", privacy: "/privacy", grids: "/grids", tasks: "/tasks", task: "/tasks/t1", whistles: "/whistles", whistle: "/whistles/w1", board: "/board", incident: "/incidents/i1", report: "/report",
  };
  const CASES = PEOPLE.flatMap((role) =>
    routes.flatMap(({ name, meta }) => (meta?.needs && typeof name === "string" && PATHS[name] && fits(meta.needs, who(role)) ? [[role, name] as const] : [])),
  );
  let asked: string[];
  let view: VueWrapper | undefined;

  beforeEach(() => {
    asked = [];
    vi.stubGlobal("fetch", async (input: string | Request) => {
      asked.push(new URL(typeof input === "string" ? input : input.url, "http://hub").pathname);
      return new Response(JSON.stringify({ code: "away", title: "", detail: "", status: 409, errors: [] }), { status: 409, headers: { "content-type": "application/json" } });
    });
    class Silent extends EventTarget {
      constructor(url: string) {
        super();
        asked.push(new URL(url).pathname);
      }
      send(): void {}
      close(): void {}
    }
    vi.stubGlobal("WebSocket", Silent);
  });
  afterEach(async () => {
    view?.unmount();
    // What a page still asks for as it goes is not asked by the next one.
    let seen: number;
    do {
      seen = asked.length;
      await new Promise((resolve) => setTimeout(resolve, 10));
    } while (asked.length > seen);
    vi.unstubAllGlobals();
    session.me = null;
  });

  it("has an address here", () => {
    const named = routes.flatMap(({ name, meta }) => (meta?.needs && name !== "home" && name !== "password" ? [String(name)] : []));
    expect(named.filter((name) => !PATHS[name])).toEqual([]);
    expect(CASES.length).toBeGreaterThan(50);
  });

  it.each(CASES)("%s opens %s, and asks for nothing that is refused", { timeout: 30_000 }, async (role, name) => {
    const faults: unknown[] = [];
    session.me = who(role);
    session.status = "in";
    const router = createRouter({ history: createMemoryHistory(), routes });
    await router.push(PATHS[name] ?? "/");
    const Page = defineComponent(() => () =>
      h(RouterView, null, {
        default: ({ Component: page }: { Component: Component }) => {
          const body = () => h(Suspense, null, { default: () => h(page) });
          return router.currentRoute.value.meta.office ? h(OfficeFrame, { dark: false }, { default: body }) : body();
        },
      }),
    );
    const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false } } });
    view = mount(Page, { global: { plugins: [i18n, router, [VueQueryPlugin, { queryClient }] as never], config: { errorHandler: (error) => faults.push(error) } } });
    await flushPromises();
    await flushPromises();
    expect(faults).toEqual([]);
    // A role that may not watch opens no wall either.
    const watches = actionsOf(role).includes("live.watch");
    expect(asked.filter((path) => (path === "/api/v1/live/wall" ? !watches : refuses(role, path)))).toEqual([]);
  });
});
