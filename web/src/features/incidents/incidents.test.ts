import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { texts } from "@/i18n";

import { clockOf, pressureOf, spanOf } from "./clock";
import { folded, pointsTo, restless, timed } from "./lines";
import { drawnOf, middleOf, placeAt, ringsOf } from "./place";
import { detailOf, incidentOf } from "./pretend";
import { faultsOf, freshReport, handles, originOf, reportBody } from "./report";
import type { Entry } from "./types";
import { bodyOf, extended, FORMS, freshDraft, inOrder, mainVerb, missing, openTask } from "./verbs";
import { partsOf } from "./words";

const START = Date.parse("2026-01-01T08:00:00Z");
const at = (minutes: number): number => START + minutes * 60_000;

type Tree = { [key: string]: string | Tree };
const words = (language: "zh" | "en", path: string): Tree => path.split(".").reduce((tree, key) => tree[key] as Tree, texts(language) as Tree);
const SCHEMA = readFileSync("src/api/schema.ts", "utf-8");
/** The values of an enumeration of the hub's own document. */
function valuesOf(name: string): string[] {
  const [, found = ""] = new RegExp(`^        ${name}: ("[^;]*");`, "m").exec(SCHEMA) ?? [];
  return [...found.matchAll(/"(\w+)"/g)].map(([, value]) => value ?? "");
}

describe("the words of a life", () => {
  const WORDS = [
    ["IncidentState", "incidents.state"],
    ["Verb", "incidents.verb"],
    ["Verb", "deeds"],
    ["Origin", "incidents.origin"],
    ["AskState", "incidents.ask"],
    ["RuleKind", "alerts.kind"],
    ["RuleKind", "tasks.kind"],
  ] as const;

  it.each(WORDS)("%s of the hub's document is in both languages (%s)", (name, path) => {
    const values = valuesOf(name);
    expect(values.length).toBeGreaterThan(3);
    for (const language of ["zh", "en"] as const) expect(values.filter((value) => !(value in words(language, path)))).toEqual([]);
  });

  it("has every reason of the hub's own list, in Chinese as the list has it", () => {
    const listed = [...readFileSync("../docs/ref/incident-life.md", "utf-8").matchAll(/^\| `(\w+)` \S+ \| `(\w+)` \| (\S+) \|$/gm)];
    expect(listed.length).toBeGreaterThan(20);
    const zh = words("zh", "incidents.reason");
    const ours = Object.keys(zh);
    expect(listed.map(([, , code]) => code).filter((code) => !ours.includes(code ?? ""))).toEqual([]);
    // One code says the same of two verbs in other words there; both are told alike here.
    const different = listed.filter(([, , code, name]) => code !== "wrong_grid" && zh[code ?? ""] !== name);
    expect(different).toEqual([]);
    expect(ours.filter((code) => !listed.some(([, , each]) => each === code))).toEqual([]);
  });

  it("has a form for every verb that a person can say, and none for the hub's own", () => {
    const own = ["report", "deliver", "close", "lapse"];
    const whistles = ["call", "sign", "contact", "refuse", "send_back", "withdraw"];
    // Said in a panel of its own, among the classes; and on the phone.
    const beside = ["classify", "take_over"];
    expect(new Set(valuesOf("Verb").filter((verb) => !(verb in FORMS)))).toEqual(new Set([...own, ...whistles, ...beside]));
  });

  it("tells a code from free text", () => {
    const known = (code: string): boolean => code === "weather";
    expect(partsOf("weather: storm: strong", known)).toEqual({ code: "weather", note: "storm: strong" });
    expect(partsOf("weather", known)).toEqual({ code: "weather", note: "" });
    expect(partsOf("it rains: a lot", known)).toEqual({ code: "", note: "it rains: a lot" });
  });
});

describe("the clock", () => {
  const incident = incidentOf("a", { opened_at: "2026-01-01T08:00:00Z", due: { accept_by: "2026-01-01T08:10:00Z", on_scene_by: "2026-01-01T08:30:00Z", handle_by: "2026-01-01T10:00:00Z" } });

  it("is yellow after 80 % of the time and red when it is due", () => {
    const look = (minutes: number) => pressureOf(START, at(10), at(minutes));
    expect([0, 7.99, 8, 9.99, 10, 60].map(look)).toEqual(["calm", "calm", "soon", "soon", "late", "late"]);
  });

  it("counts what is due next in each state", () => {
    const step = (state: (typeof incident)["state"]) => clockOf({ ...incident, state }, at(1))?.step ?? null;
    expect(["reported", "filed", "dispatched", "accepted", "on_way", "on_scene", "suspended"].map((state) => step(state as "filed"))).toEqual([
      "accept", "accept", "accept", "on_scene", "on_scene", "handle", "handle",
    ]);
    expect(["handled", "verifying", "closed", "void", "merged"].map((state) => step(state as "closed"))).toEqual([null, null, null, null, null]);
    expect(clockOf({ ...incident, state: "on_way", due: { ...incident.due, on_scene_by: null } }, at(1))?.step).toBe("handle");
  });

  it("is coloured by the hub's own levels, where it tells them", () => {
    const levels = [{ level: "yellow" as const, at: "2026-01-01T08:08:00Z" }, { level: "red" as const, at: "2026-01-01T08:10:00Z" }, { level: "supervision" as const, at: "2026-01-01T08:12:00Z" }];
    const running = { step: "handle" as const, started_at: incident.opened_at, due_at: "2026-01-01T08:10:00Z", level: null, fraction: 0, held: false, levels };
    const look = (minutes: number, more = {}) => clockOf({ ...incident, clocks: [{ ...running, ...more }] }, at(minutes))?.pressure;
    expect([7, 8, 10, 12].map((minutes) => look(minutes))).toEqual(["calm", "soon", "late", "grave"]);
    expect(look(20, { held: true })).toBe("calm");
    expect(look(11, { level: "climb", levels: levels.slice(0, 2) })).toBe("grave");
    expect(clockOf({ ...incident, clocks: [] }, at(1))).toBeNull();
  });

  it("is told in minutes, hours, and from two days on in days", () => {
    const H = 3_600_000;
    expect([59 * 60_000, H, 47.9 * H, 48 * H].map((ms) => Object.values(spanOf(ms)).join(" "))).toEqual(["min 59", "h 1", "h 47", "d 2"]);
  });

  it("says how long is left, or how long it is over", () => {
    expect(clockOf({ ...incident, state: "dispatched" }, at(4))?.leftMs).toBe(6 * 60_000);
    expect(clockOf({ ...incident, state: "dispatched" }, at(12))?.leftMs).toBe(-2 * 60_000);
  });
});

describe("the lines of a timeline", () => {
  it("tells deadlines in the time of who reads", () => {
    const reason = "complex: 2026-03-01T08:00:00.000Z > 2026-03-02T08:00:00.000Z; rain";
    expect(timed(reason, (at) => at.slice(8, 10))).toBe("complex: 01 > 02; rain");
  });

  const entry = (more: Partial<Entry>): Entry => ({ seq: 1, at: "2026-01-01T08:00:00Z", entity: "incident", entity_id: "a", what: "finish", before: null, after: null, reason: "", actor: "Li", evidence_ids: [], sealed: false, ...more });

  it("tell once what an errand and its incident both say, with the pictures of both", () => {
    const lines = folded([entry({}), entry({ seq: 2, entity: "task", entity_id: "t", evidence_ids: ["p"] }), entry({ seq: 3, entity: "task", what: "deliver", actor: "hub" })]);
    expect(lines.map(({ seq, evidence_ids }) => [seq, evidence_ids])).toEqual([[1, ["p"]], [3, []]]);
  });

  it("keep what somebody else said, or at another time", () => {
    const late = entry({ seq: 2, entity: "task", at: "2026-01-01T08:01:00Z" });
    expect(folded([entry({}), late, entry({ seq: 3, entity: "task", actor: "Wu" })]).map(({ seq }) => seq)).toEqual([1, 2, 3]);
  });

  it("are sealed only where both are", () => {
    const both = (one: boolean, other: boolean) => folded([entry({ sealed: one }), entry({ seq: 2, entity: "task", sealed: other })])[0]?.sealed;
    expect([both(true, true), Boolean(both(true, false)), Boolean(both(false, true))]).toEqual([true, false, false]);
  });

  it("know a signal that comes and goes, and what a reason points to", () => {
    expect(restless({ entity: "alert", actor: "hub", what: "clear" })).toBe(true);
    expect([restless({ entity: "alert", actor: "hub", what: "open" }), restless({ entity: "alert", actor: "Li", what: "note" })]).toEqual([false, false]);
    const id = "01a2078f61380aee20545bf1f843d040";
    expect(pointsTo(entry({ what: "merge", reason: `${id}: the same` }))).toEqual({ to: "incident", id, note: "the same" });
    expect(pointsTo(entry({ what: "file", reason: id }))?.to).toBe("alerts");
    expect(pointsTo(entry({ reason: "weather: storm" }))).toBeNull();
  });
});

describe("verbs", () => {
  const detail = detailOf("a", { version: 7, severity: "P3" });
  const draft = freshDraft(detail);

  it("stand with the way on first, and only those that were offered", () => {
    expect(inOrder(["void", "dispatch", "merge", "hand_over"])).toEqual(["dispatch", "hand_over", "merge", "void"]);
    expect([mainVerb(["void", "dispatch"]), mainVerb(["void", "merge"]), mainVerb([])]).toEqual(["dispatch", null, null]);
    expect(inOrder(["close", "lapse"])).toEqual([]);
  });

  it("say what they lack", () => {
    expect(missing("return", draft)).toEqual(["reason"]);
    expect(missing("hand_over", { ...draft, reason: "moved" })).toEqual(["grid"]);
    expect(missing("settle", draft)).toEqual(["disposition", "no_evidence"]);
    expect(missing("settle", { ...draft, disposition: "done" }, 1)).toEqual([]);
    expect(missing("pass", draft)).toEqual([]);
    expect([missing("rate", draft), missing("merge", draft), missing("split", draft)]).toEqual([["rating"], ["into"], ["title"]]);
  });

  it("send what their form has, and the version that was looked at", () => {
    const filled = { ...draft, reason: "weather", note: " storm ", hours: 24 };
    expect(bodyOf("suspend", filled, detail, START)).toEqual({ version: 7, reason: "weather", note: "storm" });
    expect(bodyOf("extend", filled, detail, START)).toEqual({ version: 7, reason: "weather", note: "storm", until: "2026-01-02T10:00:00.000Z" });
    expect(bodyOf("file", draft, detail, START)).toEqual({ version: 7, hold: false, note: "" });
    expect(bodyOf("triage", { ...draft, severity: "P1" }, detail, START)).toEqual({ version: 7, severity: "P1", note: "" });
  });

  it("give more time from now on where the deadline is past", () => {
    expect(extended("2026-01-01T08:00:00Z", 2, at(30))).toBe("2026-01-01T10:30:00.000Z");
  });

  it("mean the errand that goes on", () => {
    expect(openTask([{ state: "void" }, { state: "done" }, { state: "accepted" }])).toEqual({ state: "accepted" });
    expect(openTask([{ state: "done" }])).toBeNull();
  });
});

describe("a report", () => {
  const draft = { ...freshReport("counter"), title: " Light out ", phone: "138 0000", name: "Li" };

  it("says what is wrong with it", () => {
    expect(faultsOf(freshReport("other"), 0)).toEqual(["title"]);
    expect(faultsOf({ ...draft, phone: "call me" }, 0)).toEqual(["phone"]);
    expect(faultsOf({ ...draft, phone: "" }, 0)).toEqual(["phone"]); // a name alone calls nobody back
    expect(faultsOf({ ...draft, settled: true }, 0)).toEqual(["disposition", "noEvidence"]);
    expect(faultsOf({ ...draft, settled: true, disposition: "x" }, 1)).toEqual([]);
  });

  it("sends the place that is known best, and no contact nobody gave", () => {
    const position = { lon: 120, lat: 37 };
    expect(reportBody({ ...draft, grid: "g", position }, ["p"], [])).toMatchObject({ title: "Light out", grid: null, position, photo_ids: ["p"], handled: null, contact: { name: "Li", phone: "138 0000" } });
    expect([reportBody(draft, [], []).class_code, reportBody({ ...draft, class_code: "0301" }, [], []).class_code]).toEqual([null, "0301"]);
    expect(reportBody({ ...draft, grid: "g", phone: "", name: "" }, [], [])).toMatchObject({ grid: "g", position: null, contact: null });
    expect(reportBody({ ...draft, settled: true, disposition: " swept " }, [], ["q"]).handled).toEqual({ disposition: "swept", no_evidence: "", photo_ids: ["q"] });
  });

  it("comes from whom the role says", () => {
    expect([["operator"], ["worker"], ["department"], ["supervisor"]].map((roles) => originOf({ roles } as never))).toEqual(["counter", "worker", "department", "other"]);
  });

  it("is followed up by whoever works on cases, which a department alone does not", () => {
    expect([["worker"], ["department"], ["department", "operator"]].map((roles) => handles({ roles } as never))).toEqual([true, false, true]);
  });
});

describe("the place", () => {
  const square: [number, number][] = [[120, 37], [120.01, 37], [120.01, 37.01], [120, 37.01], [120, 37]];

  it("is read from both kinds of border", () => {
    expect(ringsOf({ type: "Polygon", coordinates: [square] })).toEqual([square]);
    expect(ringsOf({ type: "MultiPolygon", coordinates: [[square], [square]] })).toHaveLength(2);
    expect(ringsOf(null)).toEqual([]);
  });

  it("stands still while the spot is moved, and a click says where it was", () => {
    const middle = middleOf([square]);
    expect(middle?.lat).toBeCloseTo(37.005, 9);
    const spot = { lon: 120.002, lat: 37.008 };
    const [one, other] = [drawnOf([square], spot), drawnOf([square], middle)];
    expect(one?.box).toEqual(other?.box);
    const [west, north, width, height] = one?.box ?? [0, 0, 1, 1];
    const found = one && one.spot && placeAt(one, (one.spot.x - west) / width, (one.spot.y - north) / height);
    expect(found?.lon).toBeCloseTo(spot.lon, 9);
    expect(found?.lat).toBeCloseTo(spot.lat, 9);
    expect(drawnOf([], null)).toBeNull();
  });
});
