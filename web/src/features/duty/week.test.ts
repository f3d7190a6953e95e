import { describe, expect, it } from "vitest";

import { someone } from "@/api/someone";
import type { Ground } from "@/features/accounts/grants";

import { firstGrid, ownGround } from "./first";
import { aRoster, aTurn, DAYS } from "./given";
import { awayOn, daysOn, others, passwordSheet, rowsOf } from "./week";

const ZONE = "Asia/Shanghai";
const leave = (starts_at: string, ends_at: string, ended_at: string | null = null) => [{ id: "l", account: "lin", name: "Lin", starts_at, ends_at, ended_at }];

describe("the rows of a week", () => {
  it("are those who hold a role there, and whoever has a turn", () => {
    const rows = rowsOf(aRoster({ turns: [aTurn({ account: "gone", name: "Gone" })] }), [], ZONE);
    expect(rows.map(({ name, role, open }) => [name, role, open])).toEqual([
      ["Gone", "worker", false],
      ["Lin", "worker", true],
    ]);
  });

  it("have the turns of each day, without those that were taken back", () => {
    const turns = [aTurn({ id: "a" }), aTurn({ id: "b", void: true }), aTurn({ id: "c", day: "2026-11-25" }), aTurn({ id: "d", day: "2026-11-22" })];
    const [lin] = rowsOf(aRoster({ turns }), [], ZONE);
    expect(lin?.cells.map(({ turns: there }) => there.map(({ id }) => id))).toEqual([["a"], [], ["c"], [], [], [], []]);
  });

  it("take in who is added, of the grids above", () => {
    const roster = aRoster();
    expect(others(roster, rowsOf(roster, [], ZONE)).map(({ name }) => name)).toEqual(["Wu"]);
    expect(rowsOf(roster, ["wu"], ZONE).map(({ name }) => name)).toEqual(["Lin", "Wu"]);
    expect(others(roster, rowsOf(roster, ["wu"], ZONE))).toEqual([]);
  });

  it("show nobody's row twice", () => {
    expect(rowsOf(aRoster({ turns: [aTurn(), aTurn({ id: "b" })] }), ["lin"], ZONE)).toHaveLength(1);
  });
});

describe("leave", () => {
  it("is on the days of the site's clock, its last one too", () => {
    const off = leave("2026-11-23T16:00:00Z", "2026-11-25T16:00:00Z");
    expect(DAYS.filter((day) => awayOn(off, "lin", day, ZONE))).toEqual(["2026-11-24", "2026-11-25"]);
    expect(awayOn(off, "wu", "2026-11-24", ZONE)).toBe(false);
  });

  it("ends when somebody is back, and was never if that is before it began", () => {
    const back = leave("2026-11-23T16:00:00Z", "2026-11-27T16:00:00Z", "2026-11-24T02:00:00Z");
    expect(DAYS.filter((day) => awayOn(back, "lin", day, ZONE))).toEqual(["2026-11-24"]);
    const never = leave("2026-11-23T16:00:00Z", "2026-11-27T16:00:00Z", "2026-11-23T02:00:00Z");
    expect(DAYS.filter((day) => awayOn(never, "lin", day, ZONE))).toEqual([]);
  });
});

it("counts days over the ends of months", () => {
  expect([daysOn("2026-11-30", 7), daysOn("2026-03-02", -7)]).toEqual(["2026-12-07", "2026-02-23"]);
});

it("writes first passwords as a sheet in which no name is a formula", () => {
  const sheet = passwordSheet([{ login: "lin", name: '=Lin "A"', password: "abcd-efgh-jkmn" }], ["Login", "Name", "Password"]);
  expect(sheet).toBe('\ufeffLogin,Name,Password\r\n"lin","\'=Lin ""A""","abcd-efgh-jkmn"');
});

describe("whose grids", () => {
  const grounds: Ground[] = [
    { code: "v", name: "Village", path: ["c", "t", "v"] },
    { code: "t", name: "Town", path: ["c", "t"] },
    { code: "c", name: "County", path: ["c"] },
  ];
  const held = (...grids: (string | null)[]) => ({ ...someone("Li", "chief", []), grants: grids.map((grid) => ({ role: "chief" as const, grid, unit: null, window: null })) });

  it("are those of one's rights, and the uppermost is the first", () => {
    const own = ownGround(held("v", "t"));
    expect([own, firstGrid(grounds, own)]).toEqual([new Set(["v", "t"]), "t"]);
  });

  it("are all for the whole site, and none for nobody", () => {
    expect([ownGround(held("v", null)), firstGrid(grounds, null)]).toEqual([null, "c"]);
    expect(firstGrid(grounds, ownGround(null))).toBeNull();
  });
});
