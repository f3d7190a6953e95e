/** The week of a grid as a table: rows of people, columns of days. Pure. */
import { dayIn } from "@/ui/window";

import type { Candidate, First, Leave, Role, Roster, Turn } from "./data";

export interface Row {
  account: string;
  name: string;
  role: Role;
  /** May be given more turns. */
  open: boolean;
  cells: Cell[];
}

export interface Cell {
  day: string;
  turns: Turn[];
  away: boolean;
}

const DAY_MS = 86_400_000;
/** The date so many days later. */
export function daysOn(day: string, by: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + by * DAY_MS).toISOString().slice(0, 10);
}

/** Whether somebody is away at any time of that day. */
export function awayOn(leave: readonly Leave[], account: string, day: string, zone: string): boolean {
  return leave.some((each) => {
    const until = Date.parse(each.ended_at ?? each.ends_at);
    const last = Math.min(until, Date.parse(each.ends_at)) - 1;
    return each.account === account && last >= Date.parse(each.starts_at) && dayIn(Date.parse(each.starts_at), zone) <= day && day <= dayIn(last, zone);
  });
}

/**
 * A row for each person and role: those who hold one on the grid, those with a turn there, and those
 * who were `added`. Turns that were taken back before they began are not shown.
 */
export function rowsOf(roster: Roster, added: readonly string[], zone: string): Row[] {
  const turns = roster.turns.filter((turn) => !turn.void);
  const rows = new Map<string, Row>();
  const row = (account: string, name: string, role: Role, open: boolean): void => {
    const key = `${account} ${role}`;
    const cells = roster.days.map((day) => ({
      day,
      turns: turns.filter((turn) => turn.account === account && turn.role === role && turn.day === day),
      away: awayOn(roster.leave, account, day, zone),
    }));
    if (!rows.has(key)) rows.set(key, { account, name, role, open, cells });
  };
  for (const person of roster.people) {
    if (person.here || added.includes(person.account)) for (const role of person.roles) row(person.account, person.name, role, true);
  }
  const may = (turn: Turn): boolean => roster.people.some((each) => each.account === turn.account && each.roles.includes(turn.role));
  for (const turn of turns) if (roster.days.includes(turn.day)) row(turn.account, turn.name, turn.role, may(turn));
  return [...rows.values()].sort((a, b) => a.role.localeCompare(b.role) || a.name.localeCompare(b.name, "zh"));
}

/** Those who could be put into the table too. */
export function others(roster: Roster, rows: readonly Row[]): Candidate[] {
  const there = new Set(rows.map(({ account }) => account));
  return roster.people.filter(({ account }) => !there.has(account));
}

/** First passwords as a sheet to be handed out; a name that begins like a formula stays a name. */
export function passwordSheet(first: readonly First[], heads: readonly string[]): string {
  const cell = (text: string): string => `"${(/^[=+\-@]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
  return ["\ufeff" + heads.join(","), ...first.map(({ login, name, password }) => [login, name, password].map(cell).join(","))].join("\r\n");
}
