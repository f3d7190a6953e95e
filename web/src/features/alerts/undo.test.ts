import { describe, expect, it, vi } from "vitest";

import { UNDO_MS, UndoQueue, type Decision } from "./undo";

describe("decisions", () => {
  const made = (id: string, more: Partial<Decision> = {}): Decision & { send: ReturnType<typeof vi.fn>; revert: ReturnType<typeof vi.fn> } => ({
    id, label: id, send: vi.fn(async () => true), revert: vi.fn(), ...more,
  }) as never;

  it("are sent when their time is over, not before", async () => {
    vi.useFakeTimers();
    const queue = new UndoQueue(() => undefined);
    const one = made("a");
    queue.add(one);
    await vi.advanceTimersByTimeAsync(UNDO_MS - 1);
    expect(one.send).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(one.send).toHaveBeenCalledTimes(1);
    expect(queue.undo()).toBe(false);
    vi.useRealTimers();
  });

  it("are taken back in the reverse order, and then never sent", async () => {
    vi.useFakeTimers();
    const shown: string[][] = [];
    const queue = new UndoQueue((open) => shown.push(open.map((each) => each.id)));
    const [one, two] = [made("a"), made("b")];
    queue.add(one);
    queue.add(two);
    expect(queue.undo()).toBe(true);
    expect(two.revert).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(UNDO_MS);
    expect(two.send).not.toHaveBeenCalled();
    expect(one.send).toHaveBeenCalledTimes(1);
    expect(shown).toEqual([["a"], ["a", "b"], ["a"], []]);
    vi.useRealTimers();
  });

  it("that are sent when the page goes are waited for, with those that are on their way", async () => {
    let answer: (accepted: boolean) => void = () => undefined;
    const slow = made("a", { urgent: true, send: () => new Promise((resolve) => (answer = resolve)) });
    const queue = new UndoQueue(() => undefined);
    queue.add(slow);
    queue.add(made("b"));
    const over = vi.fn();
    void queue.flush().then(over);
    await new Promise((soon) => setTimeout(soon));
    expect(over).not.toHaveBeenCalled();
    answer(true);
    await vi.waitFor(() => expect(over).toHaveBeenCalled());
  });

  it("that are urgent go out at once", () => {
    const one = made("a", { urgent: true });
    const queue = new UndoQueue(() => undefined);
    queue.add(one);
    expect(one.send).toHaveBeenCalledTimes(1);
    expect(queue.undo()).toBe(false);
  });

  it("that are refused show everything as it was", async () => {
    const one = made("a", { urgent: true, send: vi.fn(async () => false) });
    new UndoQueue(() => undefined).add(one);
    await vi.waitFor(() => expect(one.revert).toHaveBeenCalledTimes(1));
  });

  it("go out all when the page goes, and the first when a second is made about the same", () => {
    const queue = new UndoQueue(() => undefined);
    const [one, two, three] = [made("a"), made("a"), made("b")];
    queue.add(one);
    queue.add(two);
    expect(one.send).toHaveBeenCalledTimes(1);
    queue.add(three);
    void queue.flush();
    expect(two.send).toHaveBeenCalledTimes(1);
    expect(three.send).toHaveBeenCalledTimes(1);
  });
});
