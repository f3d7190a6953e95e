/** From the hub's facts to sentences: what is wrong, what to do about it, and what is well. Pure. */

export interface Fault {
  loop: string;
  says: string;
}

export interface Process {
  name: string;
  /** Seconds since it spoke by its own clock; negative where that is ahead. */
  age_s: number | null;
  cameras: number;
  online: number;
  spool_pending: number | null;
  memory_bytes: number | null;
  counts: Record<string, number>;
  faults: Fault[];
}

export interface Away {
  id: string;
  name: string;
  state: string;
  says: string;
}

export interface Queue {
  centre: string;
  unsent: number;
  unacked: number;
  acked: number;
  dead: number;
  oldest_s: number | null;
}

export interface Ledger {
  findings: number;
  opened: number;
  merged: number;
  muted: number;
  rejected: number;
  lines: { outcome: string; reason: string; count: number }[];
}

export interface Auditor {
  age_s: number;
  late: boolean;
  found: readonly { kind: string; count: number; first: string }[];
}

export interface Records {
  centre_active: boolean;
  centre_gone_s: number | null;
  cameras: { states: Record<string, number>; away: Away[]; blind: number; blind_named: Away[] };
  queues: Queue[];
  ledger: Ledger;
  /** Its last round; none before the first. */
  auditor?: Auditor | null;
}

/** What `/api/v1/system` tells. */
export interface Facts {
  at: string;
  redis: boolean;
  workers: Process[];
  centres: Process[];
  storage: { free_bytes: number | null; total_bytes: number | null; spool_pending: number };
  records: Records | null;
}

export interface Model {
  id: string;
  title: string;
  state: string;
  detail: string;
}

export const PARTS = ["hub", "workers", "centre", "cameras", "queues", "ledger", "storage", "models", "clocks"] as const;
export type Part = (typeof PARTS)[number];
export type Level = "bad" | "warn" | "good";
const LEVELS: readonly Level[] = ["bad", "warn", "good"];

export interface Finding {
  part: Part;
  level: Level;
  /** Named by `system.what.<what>`, and unless all is well by `system.advice.<what>`. */
  what: string;
  values: Record<string, string | number>;
  /** The hub's own words, for whoever mends it. */
  details: string[];
  /** The page where something can be done about it. */
  to?: string;
}

const SPOOL_LATE = 100;
const QUEUE_LATE_S = 60;
const QUEUE_BAD_S = 600;
const SILENT_S = 6;
const AHEAD_S = 2;
const BROWSER_OFF_S = 5;
const GB = 2 ** 30;

type Rule = (facts: Facts, models: readonly Model[], offS: number) => Finding[];

/**
 * All findings, the worst first; a part without any is told as well.
 * `browserOffS`: how far this computer's clock is ahead of the hub's.
 */
export function findingsOf(facts: Facts, models: readonly Model[], browserOffS: number): Finding[] {
  const found = PARTS.flatMap((part) => RULES[part](facts, models, browserOffS));
  return found.toSorted((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) || PARTS.indexOf(a.part) - PARTS.indexOf(b.part));
}

export function worst(findings: readonly Finding[]): Level {
  return LEVELS.find((level) => findings.some((finding) => finding.level === level)) ?? "good";
}

function maker(part: Part) {
  const make = (level: Level) => (what: string, values: Finding["values"] = {}, more: Partial<Finding> = {}): Finding => ({
    part, level, what, values, details: [], ...more,
  });
  return { bad: make("bad"), warn: make("warn"), good: make("good") };
}

const total = (processes: readonly Process[], counter: string): number =>
  processes.reduce((sum, { counts }) => sum + (counts[counter] ?? 0), 0);

const faultsOf = ({ faults }: Process): string[] => faults.map(({ loop, says }) => `${loop}: ${says}`);

function hub({ redis, records }: Facts): Finding[] {
  const { bad, good } = maker("hub");
  const found = [...(records ? [] : [bad("database_away")]), ...(redis ? [] : [bad("redis_away")])];
  return found.length ? found : [good("hub_well")];
}

function workers({ redis, workers: all }: Facts): Finding[] {
  const { bad, warn, good } = maker("workers");
  if (!redis) return [];
  if (!all.length) return [bad("workers_none")];
  const found = all.filter(({ faults }) => faults.length).map((one) => warn("worker_failing", { name: one.name }, { details: faultsOf(one) }));
  const hung = total(all, "hub_ingest_threads_abandoned_total");
  if (hung) found.push(warn("threads_hung", { n: hung }, { to: "/cameras" }));
  return found.length ? found : [good("workers_well", { n: all.length })];
}

/** The hub itself fails; what else the auditor finds is left undone by people. */
const GRAVE: ReadonlySet<string> = new Set(["no_clock", "not_fired", "not_sent", "not_taken", "set_aside"]);

function centre({ records, centres }: Facts): Finding[] {
  const { bad, warn, good } = maker("centre");
  const found: Finding[] = [];
  if (records && !records.centre_active) {
    const gone = records.centre_gone_s;
    found.push(gone === null ? bad("centre_never") : bad("centre_none", { s: Math.round(gone) }));
  }
  const auditor = records?.auditor;
  if (auditor?.late) found.push(bad(auditor.age_s < 0 ? "auditor_ahead" : "auditor_late", { s: Math.round(Math.abs(auditor.age_s)) }));
  for (const { kind, count, first } of auditor?.late ? [] : (auditor?.found ?? [])) {
    const said = GRAVE.has(kind) ? bad : warn;
    found.push(said(`auditor_${kind}`, { n: count }, { details: [first] }));
  }
  for (const one of centres) if (one.faults.length) found.push(warn("centre_failing", { name: one.name }, { details: faultsOf(one) }));
  const problems = Math.max(0, ...centres.map(({ counts }) => counts["hub_config_problems"] ?? 0));
  if (problems) found.push(warn("config_refused", { n: problems }));
  return found.length || !records ? found : [good("centre_well", { n: Math.max(1, centres.length) })];
}

function cameras({ records, workers: all }: Facts): Finding[] {
  const { bad, warn, good } = maker("cameras");
  if (!records) return [];
  const { states, away, blind, blind_named } = records.cameras;
  const n = Object.values(states).reduce((sum, count) => sum + count, 0);
  if (!n) return [warn("cameras_none", {}, { to: "/cameras" })];
  const online = states["online"] ?? 0;
  const found = Object.entries(states).flatMap(([state, count]) => {
    if (state === "online" || !count) return [];
    const details = away.filter((camera) => camera.state === state).map(lineOf);
    const say = online === 0 || (state === "unwatched" && all.length > 0) ? bad : warn;
    return [say(`cameras_${state}`, { n: count, of: n }, { details, to: "/cameras" })];
  });
  if (blind) found.push(warn("cameras_blind", { n: blind, of: n }, { details: blind_named.map(lineOf), to: "/cameras" }));
  return found.length ? found : [good("cameras_well", { n })];
}

function lineOf({ id, name, says }: Away): string {
  return says ? `${name} (${id}): ${says}` : `${name} (${id})`;
}

function queues({ records }: Facts): Finding[] {
  const { bad, warn, good } = maker("queues");
  if (!records) return [];
  const found = records.queues.flatMap(({ centre: name, dead, oldest_s: oldest, unsent, unacked }) => {
    const one: Finding[] = [];
    if (dead) one.push(bad("queue_dead", { name, n: dead }, { to: "/alerts" }));
    if (oldest !== null && oldest > QUEUE_LATE_S) {
      const say = oldest > QUEUE_BAD_S ? bad : warn;
      one.push(say("queue_late", { name, n: unsent + unacked, min: Math.floor(oldest / 60) }));
    }
    return one;
  });
  const acked = records.queues.reduce((sum, queue) => sum + queue.acked, 0);
  return found.length ? found : [good("queues_well", { n: records.queues.length, acked })];
}

const EXPECTED = new Set(["inhibited_offline", "mute"]);

function ledger({ records, centres }: Facts): Finding[] {
  const { bad, warn, good } = maker("ledger");
  if (!records) return [];
  const found: Finding[] = [];
  const missing = total(centres, "hub_intake_after_loss_total");
  const aside = total(centres, "hub_intake_set_aside_total");
  if (missing) found.push(bad("ledger_missing", { n: missing }));
  if (aside) found.push(bad("ledger_set_aside", { n: aside }));
  const odd = records.ledger.lines.filter(({ outcome, reason, count }) => outcome === "rejected" && count && !EXPECTED.has(reason));
  if (odd.length) {
    const n = odd.reduce((sum, { count }) => sum + count, 0);
    found.push(warn("ledger_rejected", { n }, { details: odd.map(({ reason, count }) => `${reason}: ${count}`) }));
  }
  const { findings, opened, merged, muted } = records.ledger;
  return found.length ? found : [good("ledger_well", { findings, opened, merged, muted })];
}

function storage({ storage: { free_bytes: free, total_bytes: size, spool_pending }, workers: all }: Facts): Finding[] {
  const { bad, warn, good } = maker("storage");
  const found: Finding[] = [];
  const values = { free: gigabytes(free), size: gigabytes(size) };
  if (free !== null && size) {
    if (free < 2 * GB || free / size < 0.05) found.push(bad("disk_full", values));
    else if (free / size < 0.15) found.push(warn("disk_filling", values));
  }
  if (spool_pending > SPOOL_LATE) found.push(warn("spool_late", { name: "api", n: spool_pending }));
  for (const { name, spool_pending: n } of all) if (n !== null && n > SPOOL_LATE) found.push(warn("spool_late", { name, n }));
  const refused = total(all, "hub_spool_refusals_total") + total(all, "hub_evidence_refusals_total");
  if (refused) found.push(warn("disk_refused", { n: refused }));
  const lost = total(all, "hub_evidence_dropped_total");
  if (lost) found.push(warn("evidence_lost", { n: lost }));
  return found.length ? found : [free === null ? good("disk_unknown") : good("storage_well", values)];
}

function gigabytes(bytes: number | null): string {
  return ((bytes ?? 0) / GB).toFixed(1);
}

function models({ records, workers: all }: Facts, cards: readonly Model[]): Finding[] {
  const { bad, warn, good } = maker("models");
  const linesOf = (some: readonly Model[]) => some.map(({ id, title, detail }) => `${title} (${id})${detail ? `: ${detail}` : ""}`);
  const of = (state: string) => cards.filter((card) => card.state === state);
  const [broken, absent, ready] = [of("broken"), of("absent"), of("ready")];
  const wanted = total(all, "hub_model_missing_total") > 0 || (records?.cameras.blind ?? 0) > 0;
  const found: Finding[] = [];
  if (broken.length) found.push(bad("models_broken", { n: broken.length }, { details: linesOf(broken) }));
  if (absent.length && (wanted || !ready.length)) found.push(bad("models_absent", { n: absent.length }, { details: linesOf(absent) }));
  const failures = total(all, "hub_analysis_failures_total");
  if (failures) found.push(warn("models_failing", { n: failures }));
  if (found.length || !cards.length) return found;
  return [absent.length ? good("models_some", { n: ready.length, absent: absent.length }, { details: linesOf(absent) }) : good("models_well", { n: ready.length })];
}

function clocks({ workers: all }: Facts, _models: readonly Model[], offS: number): Finding[] {
  const { warn, good } = maker("clocks");
  const found = all.flatMap(({ name, age_s: age }) => {
    if (age === null) return [];
    if (age < -AHEAD_S) return [warn("clock_ahead", { name, s: Math.round(-age) })];
    return age > SILENT_S ? [warn("clock_behind", { name, s: Math.round(age) })] : [];
  });
  if (Math.abs(offS) > BROWSER_OFF_S) {
    found.push(warn(offS > 0 ? "browser_ahead" : "browser_behind", { s: Math.round(Math.abs(offS)) }));
  }
  return found.length ? found : [good("clocks_well")];
}

const RULES: Record<Part, Rule> = { hub, workers, centre, cameras, queues, ledger, storage, models, clocks };
