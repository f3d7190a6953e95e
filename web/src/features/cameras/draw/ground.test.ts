import { mount } from "@vue/test-utils";
import { describe, expect, it } from "vitest";
import { shallowRef } from "vue";

import { i18n } from "@/i18n";

import { begin, step, type Action } from "./editor";
import GroundPanel from "./GroundPanel.vue";

const POINTS = [0.1, 0.4, 0.8].map((x) => ({ x, y: 0.5, lon: NaN, lat: NaN }));

/** The panel and the editor that it speaks to. */
function panel() {
  const editor = shallowRef(begin({ zones: [], lines: [], masks: [], ground: POINTS, rules: [] }));
  const view = mount(GroundPanel, { props: { points: POINTS, datum: "gcj02", chosen: null, onAct }, global: { plugins: [i18n] } });
  function onAct(action: Action) {
    editor.value = step(editor.value, action);
    void view.setProps({ points: editor.value.shapes.ground });
  }
  const field = (name: string) => view.find<HTMLInputElement>(`[data-test="ground-${name}"]`);
  const texts = () => editor.value.shapes.ground.map((_, index) => [field(`lon-${index}`).element.value, field(`lat-${index}`).element.value]);
  return { editor, onAct, field, texts };
}

describe("half of a place", () => {
  it("stays with its point when the one before is deleted and comes back", async () => {
    const { onAct, field, texts } = panel();
    await field("lon-1").setValue("103.2");
    await field("lon-1").trigger("change");
    onAct({ do: "choose", what: { kind: "ground", index: 0, corner: 0 } });
    onAct({ do: "remove" });
    await Promise.resolve();
    expect(texts()).toEqual([["103.2", ""], ["", ""]]);
    onAct({ do: "undo" });
    await Promise.resolve();
    expect(texts()).toEqual([["", ""], ["103.2", ""], ["", ""]]);
  });

  it("is taken back by undo", async () => {
    const { onAct, field, texts } = panel();
    await field("lat-2").setValue("38.6");
    onAct({ do: "undo" });
    await Promise.resolve();
    expect(texts()[2]).toEqual(["", ""]);
  });

  it("makes a place in the datum of the camera with the other half", async () => {
    const { editor, field, texts } = panel();
    await field("lon-0").setValue("103.2");
    await field("lat-0").setValue("38.6");
    expect(texts()[0]).toEqual(["103.2", "38.6"]);
    expect(editor.value.shapes.ground[0]).toMatchObject({ lon: 103.2, lat: 38.6 });
    await field("datum").setValue("wgs84");
    await field("lon-0").setValue("103.1");
    expect(texts()[0]?.[0]).toBe("103.1");
    expect(editor.value.shapes.ground[0]?.lon).toBeGreaterThan(103.1001);
  });
});

describe("what is no number", () => {
  it("is not taken, and said so", async () => {
    const { editor, field, texts } = panel();
    await field("lon-0").setValue("103.2");
    await field("lon-0").setValue("103,25");
    expect(field("refused").text()).toContain("103,25");
    expect(texts()[0]?.[0]).toBe("103.2");
    expect(editor.value.shapes.ground[0]?.lon).toBe(103.2);
    await field("lon-0").setValue("103.25");
    expect(field("refused").exists()).toBe(false);
  });
});
