/** For tests: what the hub itself says of its roles and routes, from the tables its own tests hold. */
import { readFileSync } from "node:fs";

import type { RoleName } from "@/api/session";

const lines = (name: string): string[] => readFileSync(`../tests/golden/${name}`, "utf-8").split("\n");

/** `GET /api/v1/alerts` -> `alerts.read` */
const needed = new Map(lines("api_routes.txt").map((line): [string, string] => {
  const [method = "", path = "", action = ""] = line.split(/\s+/);
  return [`${method} ${path}`, action];
}));

const table = lines("access_table.txt").filter((line) => line && !line.startsWith("#")).map((line) => line.trim().split(/\s+/));
const heads = table[0]?.slice(2) as RoleName[];
const rows = table.slice(1).map(([method = "", path = "", ...cells]) => ({ method, path, may: new Set(heads.filter((_, index) => cells[index] !== "-")) }));

/** The roles of people. */
export const PEOPLE: readonly RoleName[] = heads.filter((role) => role !== "centre");

/** What a role may do, as far as there is a route for it. */
export function actionsOf(role: RoleName): string[] {
  const found = rows.filter(({ may }) => may.has(role)).flatMap(({ method, path }) => needed.get(`${method} ${path}`) ?? []);
  return [...new Set(found)];
}

const patterns = rows
  .filter(({ method }) => method === "GET")
  .map(({ path, may }) => ({ asks: new RegExp(`^${path.replace(/\{[^}]+\}/g, "[^/]+")}$`), plain: !path.includes("{"), may }));

/** Whether the hub refuses this role the question (GET); a path that is no route is refused to all. */
export function refuses(role: RoleName, path: string): boolean {
  const found = patterns.filter(({ asks }) => asks.test(path));
  const row = found.find(({ plain }) => plain) ?? found[0];
  return !row?.may.has(role);
}
