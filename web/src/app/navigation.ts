/** The places of the house: what each asks for, and where whoever signs in begins. Pure. */
import type { Me, RoleName } from "@/api/session";

/** All actions of `all`, and one of `any`. */
export interface Needs {
  all?: readonly string[];
  any?: readonly string[];
}

/** Those who are sent: others may look after a task too, but none is theirs. */
export const FIELD: readonly RoleName[] = ["worker", "chief"];

export const NEEDS = {
  wall: { all: ["live.watch", "cameras.read"] },
  // Who only goes where they are sent has the alert on the phone.
  alerts: { all: ["alerts.read"], any: ["alerts.judge", "incidents.dispatch", "incidents.verify", "cameras.read"] },
  // Who looks after errands has the board; a worker has his own, and reports.
  board: { all: ["incidents.read"], any: ["incidents.triage", "incidents.dispatch", "incidents.verify", "incidents.archive", "alerts.judge"] },
  whistles: { all: ["whistles.read"], any: ["whistles.answer", "whistles.call"] },
  // Who answers for others or for a department: whoever is sent reads of it in the case.
  supervisions: { all: ["supervisions.read"], any: ["supervisions.answer", "incidents.verify", "indicators.export"] },
  map: { all: ["grids.read"], any: ["cameras.read", "incidents.verify", "incidents.rate"] },
  cameras: { all: ["cameras.read"] },
  tasks: { all: ["tasks.read", "tasks.accept"] },
  report: { all: ["incidents.report"] },
  // Who keeps a roster, or sends others out; who goes there is told who sends them.
  duty: { all: ["duty.read", "grids.read"], any: ["duty.write", "incidents.triage", "incidents.dispatch"] },
  drills: { all: ["drills.read"] },
  indicators: { all: ["indicators.read"] },
  system: { all: ["health.read"] },
  accounts: { any: ["accounts.read", "looks.read"] },
  consents: { all: ["consents.read"] },
  privacy: { any: ["camera_files.read", "exports.read", "holds.read", "retention.read"] },
  grids: { all: ["grids.import"] },
} as const satisfies Record<string, Needs>;

/** Named by `common.nav.<name>`; its address is `/<name>`. */
export type PlaceName = keyof typeof NEEDS;

export interface Place {
  name: PlaceName;
  to: string;
}

const PLACES = (Object.keys(NEEDS) as PlaceName[]).map((name): Place => ({ name, to: `/${name}` }));

export function fits(needs: Needs, me: Me): boolean {
  const may = (action: string): boolean => me.actions.includes(action);
  const { all = [], any } = needs;
  return all.every(may) && (!any || any.some(may));
}

/** What stands in the navigation, in its order. */
export function pagesOf(me: Me): readonly Place[] {
  return PLACES.filter(({ name }) => fits(NEEDS[name], me));
}

/** What is worked in all day. */
const OFTEN: readonly PlaceName[] = ["wall", "alerts", "board", "map", "whistles", "supervisions", "cameras", "tasks", "report"];
/** As many as one line holds on a small screen. */
const LINE_MAX = 9;

/** What stands in the line, and what under "more" where it does not hold all. */
export function lined(pages: readonly Place[]): { line: readonly Place[]; more: readonly Place[] } {
  if (pages.length <= LINE_MAX) return { line: pages, more: [] };
  const often = ({ name }: Place): boolean => OFTEN.includes(name);
  return { line: pages.filter(often), more: pages.filter((page) => !often(page)) };
}

/** Who has several roles begins with the one in which most happens. */
const HOMES: readonly (readonly [RoleName, PlaceName])[] = [
  ["operator", "wall"],
  ["shift_leader", "wall"],
  ["dispatcher", "board"],
  ["chief", "board"],
  ["worker", "tasks"],
  ["department", "whistles"],
  ["admin", "wall"],
  ["supervisor", "board"],
  ["camera_admin", "cameras"],
  ["assessor", "board"],
  ["privacy", "accounts"],
  ["owner", "consents"],
];

/** Where somebody begins; null where nothing is open to them now. `phone`: the window is one. */
export function homeOf(me: Me, phone = false): string | null {
  const offered = new Map(pagesOf(me).map(({ name, to }) => [name, to]));
  const called = me.roles.includes("department") && !me.roles.some((role) => role === "worker" || role === "chief");
  const sent = phone ? offered.get(called ? "whistles" : "tasks") : undefined;
  if (sent) return sent;
  for (const [role, place] of HOMES) {
    const to = me.roles.includes(role) ? offered.get(place) : undefined;
    if (to) return to;
  }
  return offered.values().next().value ?? null;
}
