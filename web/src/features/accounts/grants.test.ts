import { describe, expect, it } from "vitest";

import { someone } from "@/api/someone";
import { freshWindow } from "@/ui/window";

import { aGrant, anAccount, GROUNDS, ROLES } from "./given";
import { choices, freshGrant, givable, grantOf, grounds, mayGive, sorted, standing, unitsOf, WHOLE } from "./grants";
import { found, type Words } from "./list";

const held = (grid: string | null) => ({ grants: [{ role: "chief" as const, grid, unit: null, window: null }] });
const admin = someone("Wang", "admin");
const chief = someone("Li", "chief", [], held("c-north"));
const ZONE = "Asia/Shanghai";

describe("who may give what", () => {
  it("is said by the roles one acts in, and only of people", () => {
    expect(givable(ROLES, admin).map(({ role }) => role)).toEqual(["admin", "operator", "worker", "chief", "department", "owner"]);
    expect(givable(ROLES, chief).map(({ role }) => role)).toEqual(["worker"]);
    expect(givable(ROLES, someone("Zhao", "operator"))).toEqual([]);
    expect(givable(ROLES, null)).toEqual([]);
  });

  it("is bounded by one's own ground", () => {
    expect(grounds("worker", ROLES, admin)).toBeNull();
    expect(grounds("worker", ROLES, chief)).toEqual(new Set(["c-north"]));
    const may = (grid: string | null) => mayGive({ role: "worker", grid }, ROLES, chief, GROUNDS);
    expect([may("c-north"), may("c-north-1"), may("c-south-1"), may(null)]).toEqual([true, true, false, false]);
    expect(mayGive({ role: "operator", grid: "c-north" }, ROLES, chief, GROUNDS)).toBe(false);
  });

  it("is offered as grids with the names above them, in the order of the tree", () => {
    expect(choices(GROUNDS, null).map(({ label }) => label)).toEqual(["County c", "North c-north", "North / Mill c-north-1", "South c-south", "South / Ford c-south-1"]);
    expect(choices(GROUNDS, new Set(["c-south"])).map(({ value }) => value)).toEqual(["c-south", "c-south-1"]);
  });
});

describe("a right that is written", () => {
  it("asks for a role, a grid, and a unit where the role names one", () => {
    expect(grantOf(freshGrant(), false, ZONE)).toBeNull();
    const worker = { ...freshGrant(), role: "worker" as const, grid: "c-north-1" };
    expect(grantOf(worker, false, ZONE)).toEqual({ role: "worker", grid: "c-north-1", unit: null, window: null });
    expect(grantOf({ ...worker, grid: WHOLE }, false, ZONE)?.grid).toBeNull();
    const fire = { ...worker, role: "department" as const };
    expect(grantOf(fire, true, ZONE)).toBeNull();
    expect(grantOf({ ...fire, unit: " fire " }, true, ZONE)?.unit).toBe("fire");
  });

  it("is not given with a time that cannot be", () => {
    const draft = { ...freshGrant(), role: "worker" as const, grid: "c" };
    expect(grantOf({ ...draft, window: freshWindow() }, false, ZONE)?.window).toMatchObject({ from_minute: 480, to_minute: 1080 });
    expect(grantOf({ ...draft, window: { ...freshWindow(), days: [] } }, false, ZONE)).toBeNull();
  });
});

describe("a right that was given", () => {
  const now = Date.parse("2026-06-01T00:00:00Z");
  const window = { starts_at: null, ends_at: null, weekdays: [1], from_minute: 0, to_minute: 1440 };

  it("counts, will count, does not at this hour, or is over", () => {
    expect(standing(aGrant("a"), now)).toBe("now");
    expect(standing(aGrant("a", { in_force: false, window }), now)).toBe("hours");
    expect(standing(aGrant("a", { in_force: false, window: { ...window, starts_at: "2026-07-01T00:00:00Z" } }), now)).toBe("coming");
    expect(standing(aGrant("a", { in_force: false, window: { ...window, ends_at: "2026-05-01T00:00:00Z" } }), now)).toBe("over");
    expect(standing(aGrant("a", { in_force: false, ended_at: "2026-05-01T00:00:00Z" }), now)).toBe("over");
  });

  it("stands before those that are over", () => {
    const over = aGrant("over", { ended_at: "2026-05-01T00:00:00Z" });
    expect(sorted([over, aGrant("now")], now).map(({ grant }) => grant.id)).toEqual(["now", "over"]);
  });
});

it("units are those that people act for already, and owners of cameras", () => {
  const accounts = [anAccount("a", [aGrant("1", { role: "department", unit: "fire" }), aGrant("2", { role: "owner", unit: "School" })])];
  expect(unitsOf("department", accounts, ["Mill"])).toEqual(["fire"]);
  expect(unitsOf("owner", accounts, ["Mill", "School"])).toEqual(["Mill", "School"]);
});

describe("people are found", () => {
  const grounds = new Map(GROUNDS.map((ground) => [ground.code, ground]));
  const words: Words = { role: (role) => role.toUpperCase(), grid: (code) => grounds.get(code ?? "")?.name ?? "" };
  const accounts = [
    anAccount("li", [aGrant("1"), aGrant("2", { role: "chief", grid: "c-north" })]),
    anAccount("wang", [aGrant("3", { grid: "c-south-1" })]),
    anAccount("zhao", [aGrant("4", { role: "operator", grid: null })]),
  ];
  const logins = (filter: Partial<Parameters<typeof found>[1]>) => found(accounts, { text: "", role: null, grid: null, ...filter }, words, grounds).map(({ login }) => login);

  it("by words of any of their rights", () => {
    expect(logins({ text: "ford worker" })).toEqual(["wang"]);
    expect(logins({ text: "CHIEF mill" })).toEqual(["li"]);
    expect(logins({ text: "nobody" })).toEqual([]);
  });

  it("by a role, and by a grid with all below it", () => {
    expect(logins({ role: "worker" })).toEqual(["li", "wang"]);
    expect(logins({ grid: "c-north" })).toEqual(["li"]);
    expect(logins({ grid: "c" })).toEqual(["li", "wang"]);
    expect(logins({ grid: "c-north", role: "operator" })).toEqual([]);
  });
});
