import { flushPromises, type VueWrapper } from "@vue/test-utils";
import { afterEach, describe, expect, it, vi } from "vitest";
import { defineComponent, h, ref, shallowRef } from "vue";

import CameraForm from "./CameraForm.vue";
import ImportDialog from "./ImportDialog.vue";
import { mounted } from "./mounting";
import type { Camera } from "./types";

const hub = vi.hoisted(() => ({ updateCamera: vi.fn(), importSheet: vi.fn() }));
vi.mock("./data", () => ({ ...hub, useModels: () => ref([]) }));

const CAMERA = {
  ...{ id: "gate", name: "Gate", owner_kind: "school", owner: "School", place_class: "street", place: null, main: { url: "rtsp://10.0.0.1/a" }, sub: null },
  ...{ transport: "tcp", position: null, height_m: 4, view: { azimuth_deg: null, fov_deg: null, range_m: 60, ground_points: [] }, analysis_fps: 5 },
  ...{ model: null, zones: [], lines: [], rules: [], masks: [], tags: [], enabled: true, credentials: null, managed_by: "api", version: 3 },
} as unknown as Camera;

let view: VueWrapper | null = null;
/** Drawers and dialogues stand outside of what is mounted. */
const part = <E extends HTMLElement>(name: string): E => {
  const found = document.querySelector<E>(`[data-test="${name}"]`);
  if (!found) throw new Error(`there is no ${name}`);
  return found;
};
const shown = (name: string) => document.querySelector(`[data-test="${name}"]`) !== null;
function type(name: string, text: string): void {
  part<HTMLInputElement>(name).value = text;
  part(name).dispatchEvent(new Event("input"));
}
afterEach(() => {
  view?.unmount();
  document.body.replaceChildren();
  vi.resetAllMocks();
});

describe("the form of a camera", () => {
  /** The page around it, which hears of the camera all the time. */
  async function open() {
    const camera = shallowRef(CAMERA);
    const close = vi.fn();
    view = mounted(defineComponent(() => () => h(CameraForm, { camera: camera.value, onClose: close })), {});
    await flushPromises();
    return { camera, close };
  }

  it("writes on the version that its fields are of, whatever the page hears meanwhile", async () => {
    const { camera } = await open();
    hub.updateCamera.mockResolvedValue({ kind: "error", problem: { status: 409, code: "version", title: "", detail: "", errors: [] } });
    type("field-name", "North gate");
    camera.value = { ...CAMERA, version: 4, owner: "Changed by another", zones: [{ id: "z", name: "", polygon: [] }] };
    await flushPromises();
    part<HTMLFormElement>("camera-form").querySelector("form")?.dispatchEvent(new Event("submit", { cancelable: true }));
    await flushPromises();
    expect(hub.updateCamera.mock.calls[0]?.[1]).toBe(3);
    expect(hub.updateCamera.mock.calls[0]?.[0]).toMatchObject({ name: "North gate", owner: "School", zones: [] });
  });

  it("closes at once where nothing was typed", async () => {
    const { close } = await open();
    document.querySelector<HTMLElement>(".n-drawer-mask")?.click();
    expect(close).toHaveBeenCalledOnce();
  });

  it("asks before it throws away what was typed", async () => {
    const { close } = await open();
    type("field-name", "North gate");
    for (const leave of [
      () => document.querySelector<HTMLElement>(".n-drawer-mask")?.click(),
      () => part("field-name").dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", code: "Escape", bubbles: true, cancelable: true })),
      () => part("camera-cancel").click(),
    ]) {
      leave();
      await flushPromises();
      expect(part<HTMLDialogElement>("confirm").open).toBe(true);
      part("confirm-no").click();
      await flushPromises();
      expect(part<HTMLDialogElement>("confirm").open).toBe(false);
    }
    expect(close).not.toHaveBeenCalled();
    part("camera-cancel").click();
    await flushPromises();
    part("confirm-yes").click();
    expect(close).toHaveBeenCalledOnce();
  });
});

describe("a sheet of cameras", () => {
  const REPORT = { applied: false, created: 1, updated: 0, same: 0, refused: 0, rows: [] };

  async function choose(file: File) {
    const input = part<HTMLInputElement>("import-file");
    Object.defineProperty(input, "files", { value: [file], configurable: true });
    input.dispatchEvent(new Event("change"));
    await flushPromises();
  }

  async function open() {
    view = mounted(ImportDialog, {});
    await flushPromises();
  }

  it("can be chosen again after it was mended", async () => {
    await open();
    hub.importSheet.mockResolvedValue({ kind: "ok", value: { ...REPORT, created: 0, refused: 1 } });
    await choose(new File(["id\nx"], "cameras.csv"));
    expect(shown("import-refused")).toBe(true);
    const input = part<HTMLInputElement>("import-file");
    const emptied = vi.fn();
    Object.defineProperty(input, "value", { set: emptied, get: () => "cameras.csv", configurable: true });
    input.click();
    await flushPromises();
    expect(emptied).toHaveBeenCalledWith("");
    expect(shown("import-refused")).toBe(false);
  });

  it("that was changed after it was tried is named so, and nothing of it is sent", async () => {
    await open();
    hub.importSheet.mockResolvedValue({ kind: "ok", value: REPORT });
    const file = new File(["id\nx"], "cameras.csv");
    await choose(file);
    expect(await (hub.importSheet.mock.calls[0]?.[0] as Blob).text()).toBe("id\nx");
    file.arrayBuffer = () => Promise.reject(new DOMException("", "NotReadableError"));
    part("import-apply").click();
    await flushPromises();
    expect(shown("import-changed")).toBe(true);
    expect(shown("error")).toBe(false);
    expect(part<HTMLButtonElement>("import-apply").disabled).toBe(true);
    expect(hub.importSheet).toHaveBeenCalledOnce();
  });
});
