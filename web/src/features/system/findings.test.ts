import { describe, expect, it } from "vitest";

import { texts } from "@/i18n";

import { offOf } from "./data";
import { findingsOf, PARTS, worst, type Auditor, type Facts, type Finding, type Model, type Process, type Records } from "./findings";

const GB = 2 ** 30;
const WORKER: Process = { name: "worker-0", age_s: 0.5, cameras: 9, online: 9, spool_pending: 0, memory_bytes: 1e8, counts: {}, faults: [] };
const CENTRE: Process = { ...WORKER, name: "centre", age_s: null, spool_pending: null };
const QUEUE = { centre: "town", unsent: 0, unacked: 0, acked: 4, dead: 0, oldest_s: null };
const RECORDS: Records = {
  centre_active: true,
  centre_gone_s: null,
  cameras: { states: { online: 9 }, away: [], blind: 0, blind_named: [] },
  queues: [QUEUE],
  ledger: { findings: 7, opened: 3, merged: 4, muted: 0, rejected: 0, lines: [{ outcome: "opened", reason: "new", count: 3 }] },
};
const WELL: Facts = {
  at: "2026-01-01T00:00:00Z",
  redis: true,
  workers: [WORKER],
  centres: [CENTRE],
  storage: { free_bytes: 80 * GB, total_bytes: 100 * GB, spool_pending: 0 },
  records: RECORDS,
};
const MODELS: Model[] = [{ id: "nanodet", title: "NanoDet", state: "ready", detail: "" }];

const whats = (facts: Partial<Facts>, models = MODELS, off = 0): string[] =>
  findingsOf({ ...WELL, ...facts }, models, off).filter(({ level }) => level !== "good").map(({ what, level }) => `${level} ${what}`);
const records = (more: Partial<Records>): Partial<Facts> => ({ records: { ...RECORDS, ...more } });
const worker = (more: Partial<Process>): Partial<Facts> => ({ workers: [{ ...WORKER, ...more }] });
const cameras = (states: Record<string, number>, more: Partial<Records["cameras"]> = {}) => records({ cameras: { ...RECORDS.cameras, states, ...more } });
const disk = (free: number, spool_pending = 0): Partial<Facts> => ({ storage: { free_bytes: free * GB, total_bytes: 100 * GB, spool_pending } });

const AUDITOR: Auditor = { age_s: 3, late: false, found: [] };
const found = (kind: string): Partial<Facts> => records({ auditor: { ...AUDITOR, found: [{ kind, count: 2, first: "case-1" }] } });

/** Every trouble there is a sentence for, and facts that make it. */
const TROUBLES: [string, Partial<Facts>, Model[]?, number?][] = [
  ["bad database_away", { records: null }],
  ["bad redis_away", { redis: false, workers: [], centres: [] }],
  ["bad workers_none", { workers: [] }],
  ["warn worker_failing", worker({ faults: [{ loop: "send", says: "away" }] })],
  ["warn threads_hung", worker({ counts: { hub_ingest_threads_abandoned_total: 1 } })],
  ["bad centre_none", records({ centre_active: false, centre_gone_s: 12.4 })],
  ["bad centre_never", records({ centre_active: false })],
  ["bad auditor_late", records({ auditor: { ...AUDITOR, late: true, age_s: 200.4 } })],
  ["bad auditor_ahead", records({ auditor: { ...AUDITOR, late: true, age_s: -3600 } })],
  ...(["no_clock", "not_fired", "not_sent", "not_taken", "set_aside"] as const).map((kind): [string, Partial<Facts>] => [`bad auditor_${kind}`, found(kind)]),
  ...(["outbox", "undecided", "whistles", "dead_letters", "unheard"] as const).map((kind): [string, Partial<Facts>] => [`warn auditor_${kind}`, found(kind)]),
  ["warn centre_failing", { centres: [{ ...CENTRE, faults: [{ loop: "hold", says: "busy" }] }] }],
  ["warn config_refused", { centres: [{ ...CENTRE, counts: { hub_config_problems: 2 } }] }],
  ["warn cameras_none", cameras({})],
  ["warn cameras_offline", cameras({ online: 8, offline: 1 })],
  ["bad cameras_offline", cameras({ offline: 9 })],
  ["warn cameras_stale", cameras({ online: 8, stale: 1 })],
  ["warn cameras_frozen", cameras({ online: 8, frozen: 1 })],
  ["warn cameras_connecting", cameras({ online: 8, connecting: 1 })],
  ["bad cameras_unwatched", cameras({ online: 8, unwatched: 1 })],
  ["warn cameras_blind", cameras({ online: 9 }, { blind: 2 })],
  ["bad queue_dead", records({ queues: [{ ...QUEUE, dead: 1 }] })],
  ["warn queue_late", records({ queues: [{ ...QUEUE, unacked: 1, oldest_s: 61 }] })],
  ["bad queue_late", records({ queues: [{ ...QUEUE, unacked: 1, oldest_s: 601 }] })],
  ["bad ledger_missing", { centres: [{ ...CENTRE, counts: { hub_intake_after_loss_total: 1 } }] }],
  ["bad ledger_set_aside", { centres: [{ ...CENTRE, counts: { hub_intake_set_aside_total: 1 } }] }],
  ["warn ledger_rejected", records({ ledger: { ...RECORDS.ledger, lines: [{ outcome: "rejected", reason: "unknown_rule", count: 1 }] } })],
  ["bad disk_full", disk(4)],
  ["warn disk_filling", disk(14)],
  ["warn spool_late", disk(80, 101)],
  ["warn spool_late", worker({ spool_pending: 101 })],
  ["warn disk_refused", worker({ counts: { hub_spool_refusals_total: 1 } })],
  ["warn evidence_lost", worker({ counts: { hub_evidence_dropped_total: 1 } })],
  ["bad models_broken", {}, [{ id: "m", title: "M", state: "broken", detail: "hash" }]],
  ["bad models_absent", {}, [{ id: "m", title: "M", state: "absent", detail: "" }]],
  ["warn models_failing", worker({ counts: { hub_analysis_failures_total: 1 } })],
  ["warn clock_ahead", worker({ age_s: -9 })],
  ["warn clock_behind", worker({ age_s: 9 })],
  ["warn browser_ahead", {}, MODELS, 30],
  ["warn browser_behind", {}, MODELS, -30],
];

describe("a hub that is well", () => {
  it("says so for every part, once", () => {
    const findings = findingsOf(WELL, MODELS, 0);
    expect(findings.map(({ part }) => part)).toEqual(PARTS);
    expect(worst(findings)).toBe("good");
  });

  it("is not troubled by a model that nobody uses", () => {
    const unused = { id: "m", title: "M", state: "absent", detail: "" };
    expect(whats({}, [...MODELS, unused])).toEqual([]);
    expect(whats(cameras({ online: 9 }, { blind: 1 }), [...MODELS, unused])).toContain("bad models_absent");
  });

  it("is not troubled by findings that came while a source was offline", () => {
    const lines = [{ outcome: "rejected", reason: "inhibited_offline", count: 5 }];
    expect(whats(records({ ledger: { ...RECORDS.ledger, lines } }))).toEqual([]);
  });
});

describe("a trouble", () => {
  it.each(TROUBLES)("%s is the only one told", (expected, facts, models, off) => {
    expect(whats(facts, models, off)).toEqual([expected]);
  });

  it("comes before what is well, and the worst first", () => {
    const levels = findingsOf({ ...WELL, ...disk(14), ...cameras({ offline: 9 }) }, MODELS, 0).map(({ level }) => level);
    expect(levels.slice(0, 3)).toEqual(["bad", "warn", "good"]);
    expect(new Set(levels.slice(2))).toEqual(new Set(["good"]));
  });

  it("gives the hub's own words and the way to the page", () => {
    const away = [{ id: "gate-1", name: "Gate", state: "offline", says: "refused" }, { id: "x", name: "X", state: "stale", says: "" }];
    const [finding] = findingsOf({ ...WELL, ...cameras({ online: 7, offline: 1 }, { away }) }, MODELS, 0);
    expect(finding).toMatchObject({ details: ["Gate (gate-1): refused"], to: "/cameras", values: { n: 1, of: 8 } });
  });
});

describe.each(["zh", "en"] as const)("the sentences in %s", (language) => {
  const system = texts(language)["system"] as unknown as Record<"what" | "advice" | "part", Record<string, string>>;
  const all = [
    ...TROUBLES.flatMap(([, facts, models, off]) => findingsOf({ ...WELL, ...facts }, models ?? MODELS, off ?? 0)),
    ...findingsOf({ ...WELL, storage: { free_bytes: null, total_bytes: null, spool_pending: 0 } }, [...MODELS, { id: "m", title: "M", state: "absent", detail: "" }], 0),
  ];
  const named = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1] as string);

  it("are there, with an advice for each trouble, and every value they name", () => {
    const lacking = all.filter((finding: Finding) => {
      const [what, advice] = [system.what[finding.what], system.advice[finding.what]];
      if (!what || !system.part[finding.part] || (finding.level !== "good" && !advice)) return true;
      return named(what + (advice ?? "")).some((name) => !(name in finding.values));
    });
    expect(lacking.map(({ what }) => what)).toEqual([]);
  });

  it("are all spoken: none is left over", () => {
    const spoken = new Set(all.map(({ what }) => what));
    expect(Object.keys(system.what).filter((what) => !spoken.has(what))).toEqual([]);
    expect(Object.keys(system.advice).filter((what) => !spoken.has(what))).toEqual([]);
  });
});

describe("the clock of this computer", () => {
  it("is compared with the middle of the question's way", () => {
    const at = "2026-01-01T00:00:10.000Z";
    const ms = Date.parse(at);
    expect(offOf(at, ms - 3000, ms + 3000)).toBeCloseTo(0);
    expect(offOf(at, ms + 29_000, ms + 31_000)).toBeCloseTo(30);
  });
});
