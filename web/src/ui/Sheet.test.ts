import { mount } from "@vue/test-utils";
import { expect, it } from "vitest";

import { i18n } from "@/i18n";

import Sheet from "./Sheet.vue";

it("a sheet stays open until its owner takes it away, whatever is pressed", async () => {
  const view = mount(Sheet, { props: { title: "People" }, slots: { default: '<input type="file" />' }, global: { plugins: [i18n] }, attachTo: document.body });
  const dialogue = view.element as HTMLDialogElement;
  const told = () => view.emitted("close")?.length ?? 0;
  await view.trigger("cancel");
  expect([dialogue.open, told()]).toEqual([true, 1]);
  // Browsers tell of a second Esc what they do not let be prevented, and then close it.
  dialogue.dispatchEvent(new Event("cancel", { cancelable: false }));
  expect(told()).toBe(1);
  dialogue.close();
  expect([dialogue.open, told()]).toEqual([true, 2]);
  // A choice of a file that was given up is no wish to go.
  view.find("input").element.dispatchEvent(new Event("cancel", { bubbles: true, cancelable: true }));
  expect(told()).toBe(2);
  view.unmount();
  expect(dialogue.open).toBe(false);
});
