import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { texts } from "@/i18n";

import { ROLES } from "./given";
import { grouped, groupOf } from "./rights";

/** As the hub says it: the types of the pages are made from the same document. */
const document = JSON.parse(readFileSync("openapi.json", "utf-8")) as { components: { schemas: Record<string, { enum?: string[] }> } };
const names = (schema: string): string[] => document.components.schemas[schema]?.enum ?? [];

type Tree = { [key: string]: string | Tree };
const word = (tree: Tree, path: string): unknown => path.split(".").reduce<Tree | string | undefined>((at, step) => (typeof at === "object" ? at[step] : undefined), tree);

describe("the words of rights", () => {
  it.each(["zh", "en"] as const)("are there in %s for every action and every role of the hub", (language) => {
    const all = texts(language) as Tree;
    expect(names("Action").length).toBeGreaterThan(60);
    expect(names("Action").filter((action) => typeof word(all, `rights.action.${action}`) !== "string")).toEqual([]);
    expect(names("Role").filter((role) => typeof word(all, `common.role.${role}`) !== "string")).toEqual([]);
    expect(names("Action").filter((action) => typeof word(all, `rights.group.${groupOf(action)}`) !== "string")).toEqual([]);
  });
});

describe("the table of roles", () => {
  it("has each action once, in its group, and no group without one", () => {
    const groups = grouped(ROLES);
    const all = groups.flatMap(({ actions }) => actions);
    expect(new Set(all).size).toBe(all.length);
    expect(groups.map(({ name }) => name)).toEqual(["watch", "judge", "handle", "people", "privacy", "everybody"]);
    expect(groups.every(({ actions }) => actions.length > 0)).toBe(true);
  });

  it("tells of seeing a thing before doing something with it", () => {
    const [admin] = ROLES;
    const actions = ["alerts.judge", "alerts.read", "tasks.done", "tasks.accept", "tasks.read"] as never;
    expect(grouped(admin ? [{ ...admin, actions }] : []).map((group) => group.actions)).toEqual([["alerts.read", "alerts.judge"], ["tasks.read", "tasks.accept", "tasks.done"]]);
  });

  it("puts what belongs together into one group", () => {
    expect(["incidents.dispatch", "incidents.file", "incidents.suspend", "incidents.archive", "tasks.done"].map(groupOf)).toEqual(["dispatch", "report", "handle", "verify", "handle"]);
    expect(groupOf("wind.measure")).toBe("everybody");
  });
});
