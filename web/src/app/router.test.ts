import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { session } from "@/api/session";
import { someone } from "@/api/someone";

import { actionsOf } from "./house";
import { router } from "./router";

const page = vi.hoisted(() => ({ default: { template: "<div />" } }));
vi.mock("@/features/wall/WallPage.vue", () => page);
vi.mock("./LoginPage.vue", () => page);

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
