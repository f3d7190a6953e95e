/** What a draft rule would have raised, as bars on a line of time. Pure. */
import type { Trial, TrialFinding } from "../types";

export interface Episode {
  id: string;
  severity: string;
  /** ms since 1970; without an end it was still going on at the last frame. */
  from: number;
  to: number;
  open: boolean;
  /** Where on the line, 0 to 1. */
  left: number;
  width: number;
  facts: TrialFinding["facts"];
}

/** Narrower bars could not be seen or hit. */
const WIDTH_MIN = 0.006;

export function episodesOf(trial: Trial): Episode[] {
  if (!trial.from_at || !trial.to_at) return [];
  const begin = Date.parse(trial.from_at);
  const end = Date.parse(trial.to_at);
  const span = Math.max(1, end - begin);
  const byId = new Map<string, TrialFinding[]>();
  for (const finding of trial.findings) byId.set(finding.episode_id, [...(byId.get(finding.episode_id) ?? []), finding]);
  return [...byId.values()].map((findings) => {
    const opened = findings.find((each) => each.phase === "opened") ?? (findings[0] as TrialFinding);
    const closed = findings.find((each) => each.phase === "closed");
    const from = Date.parse(opened.captured_at);
    const to = closed ? Date.parse(closed.captured_at) : end;
    return {
      id: opened.episode_id,
      severity: opened.severity,
      from,
      to,
      open: !closed,
      left: clamp((from - begin) / span),
      width: Math.min(1 - clamp((from - begin) / span), Math.max(WIDTH_MIN, (to - from) / span)),
      facts: opened.facts,
    };
  });
}

const clamp = (share: number): number => Math.min(1 - WIDTH_MIN, Math.max(0, share));
