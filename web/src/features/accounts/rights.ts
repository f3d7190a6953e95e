/** The table of roles: actions in groups, in the order in which a county speaks of them. Pure. */
import type { RoleRow } from "./data";

/** Named by `rights.group.<name>`; an action belongs to the first group that names it or its beginning. */
const GROUPS: readonly (readonly [string, readonly string[]])[] = [
  ["watch", ["live.watch", "live.", "evidence.", "layouts."]],
  ["judge", ["alerts.", "mutes.", "tuning."]],
  ["report", ["incidents.read", "incidents.report", "incidents.triage", "incidents.file", "incidents.void", "contacts."]],
  ["dispatch", ["incidents.dispatch", "incidents.return", "incidents.hand_over", "incidents.merge", "incidents.split", "whistles."]],
  ["handle", ["tasks.read", "tasks.accept", "tasks.on_way", "tasks.on_scene", "tasks.", "incidents.suspend", "incidents.extend"]],
  ["verify", ["incidents.verify", "incidents.decide", "supervisions.", "incidents."]],
  ["duty", ["duty.", "deliveries."]],
  ["figures", ["indicators.", "drills."]],
  ["people", ["accounts.", "grants.", "tokens."]],
  ["cameras", ["cameras.", "sensors.", "readings."]],
  ["rules", ["rules.", "models.", "grids."]],
  ["privacy", ["consents.", "camera_files.", "looks.", "exports.", "holds.", "retention.", "audit."]],
  ["system", ["health.", "metrics.", "ledger."]],
  ["everybody", [""]],
];

export interface Group {
  name: string;
  actions: string[];
}

const belongs = (action: string, to: string): boolean => (to.endsWith(".") || to === "" ? action.startsWith(to) : action === to);

export function groupOf(action: string): string {
  return GROUPS.find(([, begins]) => begins.some((each) => belongs(action, each)))?.[0] ?? "everybody";
}

/** As its group names them, to see a thing before doing something with it. */
function inOrder(actions: readonly string[], begins: readonly string[]): string[] {
  const rank = (action: string): number => begins.findIndex((each) => belongs(action, each)) * 2 + (action.endsWith(".read") ? 0 : 1);
  return actions.toSorted((a, b) => rank(a) - rank(b));
}

/** All actions of these roles by group; those of nobody are not there. */
export function grouped(roles: readonly RoleRow[]): Group[] {
  const all = [...new Set(roles.flatMap(({ actions }) => actions))];
  return GROUPS.map(([name, begins]) => ({ name, actions: inOrder(all.filter((action) => groupOf(action) === name), begins) })).filter(({ actions }) => actions.length > 0);
}
