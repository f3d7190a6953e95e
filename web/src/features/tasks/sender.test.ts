import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Answer } from "@/api/client";

import { aTask, anItem, ME } from "./given";
import type { Item } from "./outbox";
import { Sender, type Parts } from "./sender";
import type { Task } from "./types";

const OK: Answer<unknown> = { kind: "ok", value: {} };
const no = (status: number, code = "x"): Answer<never> => ({
  kind: "error",
  problem: { status, code, title: "", detail: "", errors: [] },
});

/** A phone with its outbox in memory, and a hub that answers as it is told. */
class Phone {
  items: Item[] = [];
  posts: string[] = [];
  network = true;
  me: string | null = ME;
  busy = false;
  answers = new Map<string, Answer<unknown>>();
  task: Task = aTask("a");

  readonly parts: Parts = {
    items: async () => this.items,
    photo: async () => new ArrayBuffer(1),
    put: async (changed) => {
      this.items = this.items.map((item) => changed.find((each) => each.key === item.key) ?? item);
    },
    post: async (item) => {
      if (!this.network) return no(0);
      this.posts.push(`${item.taskId} ${item.kind}`);
      return this.answers.get(item.key) ?? OK;
    },
    look: async () => ({ kind: "ok", value: this.task }),
    who: async () => this.me,
    doubt: () => undefined,
    alone: async (run) => {
      if (this.busy) return false;
      await run();
      return true;
    },
    onSending: () => undefined,
    onChange: () => undefined,
    now: Date.now,
    random: () => 1,
  };
  readonly sender = new Sender(this.parts);
  readonly states = () => this.items.map((item) => item.state);
}

let phone: Phone;
beforeEach(() => {
  vi.useFakeTimers();
  phone = new Phone();
});
afterEach(() => {
  phone.sender.stop();
  vi.useRealTimers();
});

describe("the sender", () => {
  it("sends all that waits, and then rests", async () => {
    phone.items = [anItem("a", "accept"), anItem("a", "photo"), anItem("a", "done")];
    await phone.sender.kick();
    expect(phone.posts).toEqual(["a accept", "a done", "a photo"]);
    expect(phone.states()).toEqual(["sent", "sent", "sent"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("comes again by itself while there is no network, less and less often, and at once when kicked", async () => {
    phone.network = false;
    phone.items = [anItem("a", "accept")];
    const looks = vi.spyOn(phone.parts, "post");
    await phone.sender.kick();
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    const asked = looks.mock.calls.length;
    expect(asked).toBeGreaterThan(10);
    expect(asked).toBeLessThan(40);
    phone.network = true;
    await phone.sender.kick();
    expect(phone.states()).toEqual(["sent"]);
  });

  it("repeats under the same key when an answer was lost", async () => {
    const item = anItem("a", "accept");
    phone.items = [item];
    const post = vi.spyOn(phone.parts, "post").mockResolvedValueOnce(no(0));
    await phone.sender.kick();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(post.mock.calls.map(([sent]) => sent.key)).toEqual([item.key, item.key]);
  });

  it("does not let one refusal, or one fault of the hub, hold up other tasks", async () => {
    const refused = anItem("a", "accept");
    const broken = anItem("b", "accept");
    phone.answers.set(refused.key, no(409, "task_is_done"));
    phone.answers.set(broken.key, no(500));
    phone.items = [refused, anItem("a", "on_way"), broken, anItem("c", "accept")];
    await phone.sender.kick();
    expect(phone.posts).toEqual(["a accept", "b accept", "c accept"]);
    expect(phone.states()).toEqual(["refused", "queued", "queued", "sent"]);
    phone.answers.delete(broken.key);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(phone.states()).toEqual(["refused", "queued", "sent", "sent"]);
  });

  it("takes a refusal of what is so already for a success", async () => {
    const item = anItem("a", "accept");
    phone.answers.set(item.key, no(409, "task_is_on_scene"));
    phone.task = aTask("a", { state: "on_scene", assignee: ME });
    phone.items = [item];
    await phone.sender.kick();
    expect(phone.states()).toEqual(["sent"]);
  });

  it("waits while another tab is sending", async () => {
    phone.busy = true;
    phone.items = [anItem("a", "accept")];
    await phone.sender.kick();
    expect(phone.posts).toEqual([]);
    phone.busy = false;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(phone.posts).toEqual(["a accept"]);
  });

  it("sends nothing for nobody, and nothing of somebody else", async () => {
    phone.items = [anItem("a", "accept")];
    phone.me = null;
    await phone.sender.kick();
    phone.me = "somebody else";
    await phone.sender.kick();
    expect(phone.posts).toEqual([]);
    phone.me = ME;
    await phone.sender.kick();
    expect(phone.posts).toEqual(["a accept"]);
  });

  it("goes on when the phone's own store has refused to be written for a while", async () => {
    phone.items = [anItem("a", "accept")];
    vi.spyOn(phone.parts, "put").mockRejectedValueOnce(new DOMException("full", "QuotaExceededError"));
    const sending = vi.spyOn(phone.parts, "onSending");
    await phone.sender.kick();
    expect(sending.mock.calls.at(-1)).toEqual([null]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(phone.states()).toEqual(["sent"]);
  });

  it("sends what was said while it was sending", async () => {
    phone.items = [anItem("a", "accept")];
    const first = phone.sender.kick();
    phone.items = [...phone.items, anItem("a", "on_way")];
    await Promise.all([first, phone.sender.kick()]);
    expect(phone.posts).toEqual(["a accept", "a on_way"]);
  });
});
