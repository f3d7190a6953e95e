/** Which lines of the register are wanted, and what a line says. Pure. */
import { midnight } from "@/ui/window";

import type { Look } from "./data";

export interface LookFilter {
  actor: string;
  action: string;
  subject: string;
  /** Days, as `2026-01-31`; the last one is part of it. */
  from: string;
  to: string;
}

export const NO_FILTER: LookFilter = { actor: "", action: "", subject: "", from: "", to: "" };

/** The kinds of looks there are, and of what decides who is asked about a camera, in the order in which they are chosen from. */
export const ACTIONS = [
  "live.watch", "live.picture", "evidence.look", "cameras.probe", "rules.try", "cameras.export", "cameras.read", "alerts.read", "incidents.read", "contacts.read",
  "cameras.create", "cameras.update", "cameras.delete", "cameras.import", "exports.ask", "exports.decide", "exports.fetch", "camera_files.read", "accounts.update",
] as const;

/** For the address of the register: `&actor=…`, empty without a wish. */
export function queryOf(filter: LookFilter, zone: string): string {
  const { actor, action, subject, from, to } = filter;
  const asked = {
    actor: actor.trim(),
    action,
    subject: subject.trim(),
    from: from && midnight(from, 0, zone),
    to: to && midnight(to, 1, zone),
  };
  const said = Object.entries(asked).filter(([, value]) => value !== "");
  return said.map(([name, value]) => `&${name}=${encodeURIComponent(value)}`).join("");
}

export type Subject =
  | { kind: "search"; what: string; asked: [string, string][] }
  | { kind: "export"; what: string }
  | { kind: "thing"; what: string; id: string }
  | { kind: "plain"; text: string };

/** Subjects as the hub writes them: `live/<camera>`, `search/alerts?text=…`, `export/cameras`. */
export function subjectOf(look: Pick<Look, "subject">): Subject {
  const [, head = "", rest = ""] = /^([a-z_]+)\/(.*)$/s.exec(look.subject) ?? [];
  if (!head) return { kind: "plain", text: look.subject };
  if (head === "export") return { kind: "export", what: rest };
  if (head !== "search") return { kind: "thing", what: head, id: rest };
  const [what = "", query = ""] = rest.split(/\?(.*)/s);
  return { kind: "search", what, asked: [...new URLSearchParams(query)] };
}
