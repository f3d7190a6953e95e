import { afterEach, describe, expect, it, vi } from "vitest";

import { limit, onSignedOut, request, send } from "./client";

function answers(status: number, body: unknown, headers: Record<string, string> = {}) {
  const type = { "content-type": "application/problem+json", ...headers };
  const response = new Response(status === 204 ? null : JSON.stringify(body), { status, headers: type });
  vi.stubGlobal("fetch", vi.fn().mockResolvedValue(response));
}

afterEach(() => vi.unstubAllGlobals());

describe("a call", () => {
  it("is ok with its value", async () => {
    answers(200, { name: "x" });
    expect(await request("/api/v1/me")).toEqual({ kind: "ok", value: { name: "x" } });
    answers(204, null);
    expect(await send("DELETE", "/api/v1/session")).toEqual({ kind: "ok", value: undefined });
  });

  it("fails with the hub's own problem and the time to wait", async () => {
    answers(429, { code: "locked", title: "Too Many", detail: "wait" }, { "retry-after": "60" });
    const answer = await send("POST", "/api/v1/session", {});
    expect(answer).toMatchObject({ kind: "error", problem: { status: 429, code: "locked", retryAfterS: 60 } });
  });

  it("fails without an exception when the hub is away", async () => {
    vi.stubGlobal("fetch", vi.fn().mockRejectedValue(new TypeError("failed")));
    expect(await request("/x")).toMatchObject({ kind: "error", problem: { status: 0, code: "unreachable" } });
  });

  it("is aborted, not failed, when it was called off", async () => {
    vi.stubGlobal("fetch", vi.fn().mockRejectedValue(new DOMException("off", "AbortError")));
    expect(await request("/x")).toEqual({ kind: "aborted" });
  });

  it("tells that nobody is signed in any more", async () => {
    const heard = vi.fn();
    const off = onSignedOut(heard);
    answers(401, { code: "unauthenticated" });
    await request("/x");
    off();
    expect(heard).toHaveBeenCalledTimes(1);
  });
});

describe("a limit", () => {
  afterEach(() => vi.useRealTimers());

  it("ends after its time, or with what it hangs on, or is over already", () => {
    vi.useFakeTimers();
    const off = new AbortController();
    const [short, long, hung] = [limit(10), limit(1000), limit(1000, off.signal)];
    vi.advanceTimersByTime(10);
    expect([short.aborted, long.aborted, hung.aborted]).toEqual([true, false, false]);
    off.abort();
    expect([long.aborted, hung.aborted, limit(1000, off.signal).aborted]).toEqual([false, true, true]);
  });
});
