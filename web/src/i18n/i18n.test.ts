import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { texts } from ".";

type Tree = { [key: string]: string | Tree };

function flat(tree: Tree, prefix = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === "string" ? [[prefix + key, value]] : flat(value, `${prefix}${key}.`),
  ) as [string, string][];
}

const zh = new Map(flat(texts("zh")));
const en = new Map(flat(texts("en")));

function sources(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return name === "i18n" ? [] : sources(path);
    return /\.(ts|vue)$/.test(name) && !name.includes(".test.") ? [path] : [];
  });
}

const SOURCES = sources("src").map((path) => [path, readFileSync(path, "utf-8")] as const);

describe("the two languages", () => {
  it("have the same keys", () => {
    expect([...en.keys()].sort()).toEqual([...zh.keys()].sort());
  });

  it("have no empty text", () => {
    expect([...zh, ...en].filter(([, text]) => !text.trim())).toEqual([]);
  });

  it("name the same values in every text", () => {
    const named = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort();
    const different = [...zh].filter(
      ([key, text]) => String([...new Set(named(text))]) !== String([...new Set(named(en.get(key) ?? ""))]),
    );
    expect(different).toEqual([]);
  });

  it("English has no Chinese in it", () => {
    const names = /^(common\.language)/;
    expect([...en].filter(([key, text]) => /\p{Script=Han}/u.test(text) && !names.test(key))).toEqual([]);
  });

  it("have every text the pages ask for by name", () => {
    const asked = SOURCES.flatMap(([path, text]) =>
      [...text.matchAll(/\bt\(\s*["']([\w.-]+)["']/g)].map((found) => [path, found[1]] as const),
    );
    expect(asked.filter(([, key]) => key && !zh.has(key))).toEqual([]);
  });

  it("are the only place with Chinese in it", () => {
    const uncommented = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$|<!--[\s\S]*?-->/gm, "");
    const found = SOURCES.filter(([, text]) => /\p{Script=Han}/u.test(uncommented(text)));
    expect(found.map(([path]) => path)).toEqual([]);
  });
});
