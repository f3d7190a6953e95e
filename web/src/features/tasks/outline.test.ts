import "fake-indexeddb/auto";

import { enableAutoUnmount, mount } from "@vue/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { session } from "@/api/session";
import { i18n } from "@/i18n";

import { NOW, until } from "./given";
import GroundMap from "./GroundMap.vue";
import { outlineOf } from "./outline";
import { desk } from "./phone";
import { forget } from "./store";

const RING = [
  [103.19, 38.59],
  [103.21, 38.59],
  [103.21, 38.61],
  [103.19, 38.59],
];
const SPOT = { lon: 103.2, lat: 38.6 };
let geometry: object | null;
let asked: string[];

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW });
  [geometry, asked] = [{ type: "Polygon", coordinates: [RING] }, []];
  vi.stubGlobal("fetch", async (path: string) => {
    asked.push(path);
    if (!geometry) throw new TypeError("no network");
    return new Response(JSON.stringify({ geometry }), { headers: { "content-type": "application/json" } });
  });
  session.status = "in";
  await forget();
});
afterEach(() => vi.useRealTimers());
enableAutoUnmount(afterEach);

it("is asked for once a day, and is there without a network", async () => {
  expect(await outlineOf("g/1")).toEqual([RING]);
  expect(await outlineOf("g/1")).toEqual([RING]);
  expect(asked).toEqual(["/api/v1/grids/g%2F1"]);
  vi.setSystemTime(NOW + 25 * 3600 * 1000);
  geometry = null;
  expect(await outlineOf("g/1")).toEqual([RING]);
  expect(asked).toHaveLength(2);
});

it("is nothing where nobody knows it, and of several parts all", async () => {
  geometry = null;
  expect(await outlineOf("g")).toEqual([]);
  geometry = { type: "MultiPolygon", coordinates: [[RING, RING], [RING]] };
  expect(await outlineOf("g")).toEqual([RING, RING, RING]);
});

it("goes when somebody signs out, and does not come back late", async () => {
  await outlineOf("g");
  await forget();
  session.status = "out";
  await outlineOf("g");
  geometry = null;
  expect(await outlineOf("g")).toEqual([]);
});

it("is drawn when the network is back, and the phone's place in it as soon as it is known", async () => {
  geometry = null;
  const map = mount(GroundMap, { props: { spot: SPOT, grid: "g", here: null }, global: { plugins: [i18n] } });
  await until(() => expect(asked).toHaveLength(1));
  expect(map.find("[data-test=ground]").exists()).toBe(false);
  geometry = { type: "Polygon", coordinates: [RING] };
  desk.at = 2;
  await until(() => expect(map.find("path").attributes("d")).toMatch(/^M-869 1112L/));
  expect(map.find('[data-test="ground-here"]').exists()).toBe(false);
  await map.setProps({ here: { lon: 103.2, lat: 38.605 } });
  expect(Number(map.find('[data-test="ground-here"]').attributes("cy"))).toBeCloseTo(-556, 0);
});
