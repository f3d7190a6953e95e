import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ref } from "vue";

import type { Answer } from "@/api/client";

import { mounted } from "../mounting";
import type { Camera, CameraIn, Rule, Trial } from "../types";
import DrawDesk from "./DrawDesk.vue";

const hub = vi.hoisted(() => ({ updateCamera: vi.fn(), readCamera: vi.fn(), createRule: vi.fn(), tryRule: vi.fn(), patch: vi.fn() }));
vi.mock("../data", () => ({ ...hub, useRules: () => ref([]), useSensorRules: () => ref(new Set()) }));
vi.mock("../picture", () => ({ useStill: () => ({ still: ref(null), problem: ref(null), loading: ref(false), load: () => undefined }) }));
vi.mock("vue-router", () => ({ onBeforeRouteLeave: () => undefined }));

const zone = (id: string, name = id) => ({ id, name, polygon: [[0, 0], [0.5, 0], [0.5, 0.5]] });
const CAMERA = {
  ...{ id: "gate", name: "Gate", managed_by: "api", version: 1, credentials: null, position: null, rules: [], lines: [], masks: [], tags: [] },
  view: { azimuth_deg: null, fov_deg: null, range_m: 60, ground_points: [] },
  zones: [zone("yard"), zone("lane")],
} as unknown as Camera;

let view: VueWrapper;
const part = (name: string) => view.find<HTMLInputElement>(`[data-test="${name}"]`);
const press = (name: string) => part(name).trigger("click");
const rename = (name: string) => part("shape-name").setValue(name);
const saved = (call: number) => hub.updateCamera.mock.calls[call] as [CameraIn, number];

/** An answer that comes when the test says so. */
function later<T>() {
  let come: (answer: Answer<T>) => void = () => undefined;
  const promise = new Promise<Answer<T>>((resolve) => (come = resolve));
  return { promise, come: (value: T) => (come({ kind: "ok", value }), flushPromises()) };
}

beforeEach(() => {
  view = mounted(DrawDesk, { camera: CAMERA });
});
afterEach(() => {
  view.unmount();
  vi.resetAllMocks();
});

describe("what is drawn while it is being saved", () => {
  it("is not taken for saved, and a rule bound meanwhile is written with the next", async () => {
    const first = later<Camera>();
    hub.updateCamera.mockReturnValueOnce(first.promise).mockResolvedValue({ kind: "ok", value: CAMERA });
    hub.createRule.mockImplementation((rule: Rule) => Promise.resolve({ kind: "ok", value: { rule } }));
    await press("zone-yard");
    await rename("Yard");
    await press("draw-save");
    await part("rule-pick").setValue("new:zone_intrusion");
    await press("rule-bind-go");
    await first.come({ ...CAMERA, version: 2 });
    expect(part("draw-save").element.disabled).toBe(false);
    await press("draw-save");
    await flushPromises();
    expect(hub.createRule).toHaveBeenCalledOnce();
    expect(saved(1)[0].rules).toEqual([{ rule: "zone-intrusion-2", zone: "yard", line: null }]);
    expect(saved(1)[1]).toBe(2);
    expect(part("draw-save").element.disabled).toBe(true);
  });
});

describe("a camera that somebody else changed", () => {
  it("can be gone on with: nothing I drew is lost, and what both changed is named", async () => {
    const conflict = { kind: "error", problem: { status: 409, code: "version", title: "", detail: "", errors: [] } };
    hub.updateCamera.mockResolvedValueOnce(conflict).mockResolvedValue({ kind: "ok", value: CAMERA });
    hub.readCamera.mockResolvedValue({ kind: "ok", value: { ...CAMERA, version: 7, name: "North gate", zones: [zone("yard", "theirs")], masks: [[[0, 0], [1, 0], [1, 1]]] } });
    await press("zone-yard");
    await rename("mine");
    await press("draw-save");
    await flushPromises();
    await press("draw-keep");
    await flushPromises();
    expect(part("draw-kept").text()).toContain("zones");
    expect(part("draw-kept").text()).not.toContain("masks");
    await press("draw-save");
    await flushPromises();
    const [body, version] = saved(1);
    expect([version, body.name, body.masks.length]).toEqual([7, "North gate", 1]);
    expect(body.zones.map((each) => each.name)).toEqual(["mine", "lane"]);
    expect(part("draw-kept").exists()).toBe(false);
  });
});

describe("a trial", () => {
  const TRIAL: Trial = { camera: "gate", frames: 0, from_at: null, to_at: null, findings: [] };

  it("that ends when another zone is looked at is not shown there", async () => {
    const [old, fresh] = [later<Trial>(), later<Trial>()];
    hub.tryRule.mockReturnValueOnce(old.promise).mockReturnValueOnce(fresh.promise);
    await press("zone-yard");
    await part("rule-pick").setValue("new:crowd");
    await press("try");
    await press("zone-lane");
    await old.come(TRIAL);
    expect(part("try-result").exists()).toBe(false);
    await part("rule-pick").setValue("new:crowd");
    await press("try");
    await fresh.come(TRIAL);
    expect(part("try-result").exists()).toBe(true);
  });

  it("of a crowd can be made in the whole picture, and bound", async () => {
    hub.tryRule.mockResolvedValue({ kind: "ok", value: TRIAL });
    await part("rule-pick").setValue("new:crowd");
    await press("try");
    await flushPromises();
    expect(hub.tryRule.mock.calls[0]?.slice(1, 3)).toEqual(["gate", {}]);
    expect(part("try-result").exists()).toBe(true);
    await press("rule-bind-go");
    expect(part("use-crowd-2").exists()).toBe(true);
  });
});
