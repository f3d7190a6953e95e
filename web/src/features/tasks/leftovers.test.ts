import { beforeEach, expect, it } from "vitest";

import type { Answer } from "@/api/client";

import { aTask, anItem, ME } from "./given";
import { sweep } from "./leftovers";
import { keepNote, notesOf, readNote } from "./note";
import type { Task } from "./types";

const problem = (status: number): Answer<Task> => ({ kind: "error", problem: { status, code: "", title: "", detail: "", errors: [] } });
const photo = (taskId: string, by = ME) => anItem(taskId, "photo", { key: `photo of ${taskId}`, state: "draft", by });

let asked: string[];
let hub: Record<string, Answer<Task>>;
const look = async (id: string): Promise<Answer<Task>> => {
  asked.push(id);
  return hub[id] ?? problem(0);
};

beforeEach(() => {
  localStorage.clear();
  [asked, hub] = [[], {}];
});

it("goes with a task that is void, finished by somebody else, or unknown to the hub", async () => {
  hub = { gone: problem(404), theirs: { kind: "ok", value: aTask("theirs", { state: "done", assignee: "Li" }) } };
  const items = [photo("void"), photo("theirs"), photo("gone"), anItem("void", "accept")];
  keepNote(ME, "gone", "half a word");
  expect(await sweep(ME, items, [aTask("void", { state: "void" })], look)).toEqual(["photo of void", "photo of theirs", "photo of gone"]);
  expect(asked).toEqual(["theirs", "gone"]);
  expect(notesOf(ME)).toEqual([]);
});

it("stays while the task may still be this worker's, and when the hub does not say", async () => {
  hub = {
    away: problem(0),
    refused: problem(403),
    off: { kind: "aborted" },
    elsewhere: { kind: "ok", value: aTask("elsewhere", { state: "accepted", assignee: "Li" }) },
    mine: { kind: "ok", value: aTask("mine", { state: "done", assignee: ME }) },
  };
  keepNote(ME, "noted", "half a word");
  expect(await sweep(ME, [...Object.keys(hub), "open"].map((id) => photo(id)), [aTask("open")], look)).toEqual([]);
  expect(asked).toEqual([...Object.keys(hub), "noted"]);
  expect(notesOf(ME)).toEqual(["noted"]);
});

it("of another worker is left alone, also where the one name begins like the other", async () => {
  hub = { t: problem(404), "b.t": problem(404) };
  keepNote(`${ME}.b`, "t", "theirs");
  expect(await sweep(ME, [photo("t", "Li")], [], look)).toEqual([]);
  expect(asked).toEqual([]);
  expect(readNote(`${ME}.b`, "t")).toBe("theirs");
});
