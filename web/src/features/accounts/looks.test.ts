import { mount } from "@vue/test-utils";
import { describe, expect, it } from "vitest";
import { defineComponent, h } from "vue";

import { i18n, setLanguage } from "@/i18n";

import type { Look } from "./data";
import { ACTIONS, NO_FILTER, queryOf, subjectOf } from "./looks";
import { useLookWords } from "./useLookWords";

const look = (action: string, subject: string): Look => ({ seq: 1, at: "2026-01-01T00:00:00Z", actor: "Li", action, subject, reason: "patrol" }) as Look;

/** As the page says it. */
function said(line: Look): string[] {
  let heard: string[] = [];
  const Page = defineComponent(() => {
    const words = useLookWords();
    heard = [words.action(line), words.subject(line)];
    return () => h("i");
  });
  mount(Page, { global: { plugins: [i18n] } }).unmount();
  return heard;
}

describe("the register is asked", () => {
  it("for everything, unless something is wished for", () => {
    expect(queryOf(NO_FILTER, "Asia/Shanghai")).toBe("");
  });

  it("by person, kind and thing, and by days of the site's zone, the last one included", () => {
    const filter = { actor: " Li ", action: "live.watch", subject: "live/gate", from: "2026-01-01", to: "2026-01-02" };
    expect(queryOf(filter, "Asia/Shanghai")).toBe(
      "&actor=Li&action=live.watch&subject=live%2Fgate&from=2025-12-31T16%3A00%3A00.000Z&to=2026-01-02T16%3A00%3A00.000Z",
    );
  });
});

describe("a line of the register", () => {
  it("is taken apart", () => {
    expect(subjectOf(look("live.watch", "live/gate-1"))).toEqual({ kind: "thing", what: "live", id: "gate-1" });
    expect(subjectOf(look("cameras.export", "export/cameras"))).toEqual({ kind: "export", what: "cameras" });
    expect(subjectOf(look("alerts.read", "search/alerts?text=smoke&raised_before=2026"))).toEqual({
      kind: "search", what: "alerts", asked: [["text", "smoke"], ["raised_before", "2026"]],
    });
    expect(subjectOf(look("live.watch", "gate"))).toEqual({ kind: "plain", text: "gate" });
  });

  it("says searches and exports in words", () => {
    setLanguage("zh");
    expect(said(look("alerts.read", "search/alerts?grid=6201&text=%E7%83%9F"))).toEqual(["查找告警", "查找告警：网格 6201、含 烟"]);
    expect(said(look("alerts.read", "search/alerts?"))).toEqual(["查找告警", "翻阅告警"]);
    expect(said(look("cameras.export", "export/cameras"))).toEqual(["导出摄像机清单", "导出摄像机清单"]);
    expect(said(look("rules.try", "try/gate-1"))).toEqual(["试算规则", "规则试算 gate-1"]);
    setLanguage("en");
    expect(said(look("live.watch", "live/gate-1"))).toEqual(["Watched live", "live gate-1"]);
    expect(said(look("cameras.delete", "owner/gate-1: a school, taken out"))).toEqual(["Deleted a camera", "owner of gate-1: a school, taken out"]);
    expect(said(look("rules.try", "try/gate-1"))).toEqual(["Tried a rule on what was seen", "rule tried on gate-1"]);
  });

  it("tells an account by its login, and by its id once that is erased", () => {
    setLanguage("zh");
    const line = look("accounts.update", "account/01hx: name, password");
    expect(said({ ...line, about: "wang" })).toEqual(["修改账号", "账号 wang: name, password"]);
    expect(said(line)).toEqual(["修改账号", "账号 01hx: name, password"]);
    setLanguage("en");
    expect(said({ ...line, about: "li.$&" })).toEqual(["Changed an account", "account li.$&: name, password"]);
  });

  it("keeps the hub's word where there is none of ours", () => {
    setLanguage("en");
    expect(said(look("wind.measure", "mast/7"))).toEqual(["wind.measure", "mast 7"]);
    for (const action of ACTIONS) expect(said(look(action, "x"))[0]).not.toBe(action);
  });
});
