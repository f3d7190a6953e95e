import { flushPromises } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { session } from "@/api/session";
import { someone } from "@/api/someone";

import { actionsOf } from "./house";
import { arrive, lacking, outgrow } from "./renew";
import { router } from "./router";

const page = vi.hoisted(() => ({ default: { template: "<div />" } }));
vi.mock("@/features/wall/WallPage.vue", () => page);
vi.mock("./LoginPage.vue", () => page);
vi.mock("@/features/tasks/TasksPage.vue", () => page);
vi.mock("@/features/tasks/TaskPage.vue", () => page);

beforeEach(() => Object.assign(session, { status: "out", me: null }));
afterEach(() => Object.assign(session, { status: "unknown", me: null }));

describe("a window at its login", () => {
  it("was sent there from the page it shows", async () => {
    await router.push("/wall/2");
    expect(router.currentRoute.value.fullPath).toBe("/login?next=/wall/2");
  });

  it("goes on to that page when it is loaded anew and somebody is signed in by now", async () => {
    Object.assign(session, { status: "in", me: someone("li", "operator", actionsOf("operator")) });
    await router.push("/login?next=/wall/3");
    expect(router.currentRoute.value.fullPath).toBe("/wall/3");
    await router.push("/login?next=//elsewhere");
    expect(router.currentRoute.value.fullPath).toBe("/wall");
  });
});

describe("a page whose files went with an older build", () => {
  const assign = vi.spyOn(location, "assign").mockReturnValue();
  const open = async (address: string) => {
    await router.push(address).catch(() => undefined);
    await flushPromises();
  };
  let there: boolean;

  beforeEach(async () => {
    there = true;
    vi.stubGlobal("fetch", async () => new Response("", { status: there ? 200 : 503 }));
    router.addRoute({ path: "/gone", name: "gone", component: () => Promise.reject(new TypeError("404")), meta: { theme: "light" } });
    await router.push("/nowhere");
    assign.mockClear();
  });
  afterEach(() => {
    router.removeRoute("gone");
    arrive();
    vi.unstubAllGlobals();
  });

  it("is loaded with all the others of the new one, once", async () => {
    await open("/gone?id=1");
    expect([assign.mock.calls, lacking.value]).toEqual([[["/gone?id=1"]], null]);
    // Loaded anew, it is still not there.
    await open("/gone?id=1");
    expect([assign.mock.calls.length, lacking.value]).toEqual([1, "/gone?id=1"]);
  });

  it("is not given up for an empty one while the hub is away: the window says it", async () => {
    there = false;
    await open("/gone");
    expect([assign.mock.calls.length, lacking.value]).toEqual([0, "/gone"]);
    await open("/elsewhere");
    expect(lacking.value).toBeNull();
  });
});

describe("a phone that has newer pages", () => {
  const assign = vi.spyOn(location, "assign").mockReturnValue();
  let quiet = true;

  beforeEach(async () => {
    vi.useFakeTimers();
    Object.assign(session, { status: "in", me: someone("zhao", "worker", actionsOf("worker")) });
    await router.push("/tasks");
    assign.mockClear();
  });
  afterEach(() => vi.useRealTimers());

  it("takes them on the way from the list to a task, when nothing is being sent or kept", async () => {
    vi.advanceTimersByTime(60_000);
    await router.push("/tasks/a");
    expect(assign).not.toHaveBeenCalled();
    outgrow(() => quiet);
    vi.advanceTimersByTime(60_000);
    await router.push("/tasks");
    // A photo taken for the task may not be kept yet.
    await router.push("/tasks/b");
    expect([assign.mock.calls.length, router.currentRoute.value.path]).toEqual([0, "/tasks/b"]);
    await router.push("/tasks");
    vi.advanceTimersByTime(6_000);
    quiet = false;
    await router.push("/tasks/b");
    await router.push("/tasks");
    vi.advanceTimersByTime(6_000);
    quiet = true;
    await router.push("/tasks/c");
    expect([assign.mock.calls, router.currentRoute.value.path]).toEqual([[["/tasks/c"]], "/tasks"]);
  });
});
