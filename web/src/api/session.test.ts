import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { request } from "./client";
import { beforeSignOut, loadSession, session, signIn, signOut, type Me } from "./session";
import { someone } from "./someone";

const WANG: Me = someone("Wang", "worker", [], { must_change: true });

/** The hub and the line to it: every question waits until it is answered here. */
let line: { asked: string; answer: (status: number, body?: unknown) => void; fail: () => void }[];

function pick(): void {
  line = [];
  vi.stubGlobal("fetch", (path: string, { method = "GET", signal }: RequestInit) =>
    new Promise<Response>((resolve, reject) => {
      const fail = () => reject(new TypeError("no network"));
      signal?.addEventListener("abort", fail);
      const answer = (status: number, body?: unknown) =>
        resolve(new Response(body === undefined ? null : JSON.stringify(body), { status, headers: { "content-type": "application/json" } }));
      line.push({ asked: `${method} ${path}`, answer, fail });
    }),
  );
}

const asked = (): string[] => line.map((call) => call.asked);
function call(index: number): (typeof line)[number] {
  const found = line.at(index);
  if (!found) throw new Error("nothing was asked");
  return found;
}
const last = () => call(-1);
const soon = () => vi.advanceTimersByTimeAsync(1);

beforeEach(() => {
  vi.useFakeTimers();
  // As on a phone that has no such thing; its clock would not be the one of these tests either.
  vi.spyOn(AbortSignal, "timeout").mockImplementation(() => {
    throw new TypeError("AbortSignal.timeout is not a function");
  });
  localStorage.clear();
  pick();
});

afterEach(async () => {
  for (const each of line) each.answer(401, {});
  await soon();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("who is signed in", () => {
  it("is known late on a slow line: the page is there after five seconds, the answer counts when it comes", async () => {
    session.status = "unknown";
    const loaded = loadSession();
    await vi.advanceTimersByTimeAsync(5_000);
    await loaded;
    expect(session.status).toBe("away");
    // Whoever asks meanwhile waits for the same answer.
    void loadSession();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(asked()).toEqual(["GET /api/v1/me"]);
    last().answer(200, WANG);
    await soon();
    expect([session.status, session.me?.name]).toEqual(["in", "Wang"]);
  });

  it("is asked anew when the network is back, not when the lost question has run out", async () => {
    session.status = "away";
    void loadSession();
    dispatchEvent(new Event("online"));
    expect(asked()).toEqual(["GET /api/v1/me", "GET /api/v1/me"]);
    last().answer(200, WANG);
    await soon();
    call(0).fail();
    await soon();
    expect(session.status).toBe("in");
  });

  it("is not undone by an answer from before the sign-in", async () => {
    session.status = "away";
    void loadSession();
    const signed = signIn("w", "p");
    await soon();
    last().answer(200, WANG);
    await signed;
    call(0).answer(401, {});
    await soon();
    expect(session.status).toBe("in");
  });
});

describe("signing out", () => {
  async function leftWithoutNetwork(): Promise<void> {
    session.status = "in";
    session.me = WANG;
    await signOut();
    last().fail();
    await soon();
  }

  it("holds at once, and without a network too", async () => {
    await leftWithoutNetwork();
    expect([session.status, session.me]).toEqual(["out", null]);
    // Opened again: the cookie is still there, and nobody is let in by it.
    session.status = "unknown";
    await loadSession();
    expect(session.status).toBe("out");
    expect(asked()).not.toContain("GET /api/v1/me");
  });

  it("is told to the hub when the network is back, and once", async () => {
    await leftWithoutNetwork();
    dispatchEvent(new Event("online"));
    expect(asked()).toEqual(["DELETE /api/v1/session", "DELETE /api/v1/session"]);
    last().answer(204);
    await vi.advanceTimersByTimeAsync(60_000);
    void loadSession();
    expect(asked().slice(2)).toEqual(["GET /api/v1/me"]);
  });

  it("is told again by itself, and each try has an end", async () => {
    await leftWithoutNetwork();
    await vi.advanceTimersByTimeAsync(100_000);
    expect(line.length).toBeGreaterThan(2);
    expect(line.length).toBeLessThan(6);
  });

  it("comes before the next sign-in", async () => {
    await leftWithoutNetwork();
    const refused = signIn("li", "p");
    await soon();
    last().fail();
    expect(await refused).toMatchObject({ kind: "error", problem: { status: 0 } });
    expect(asked()).not.toContain("POST /api/v1/session");
    const signed = signIn("li", "p");
    await soon();
    last().answer(401, {});
    await soon();
    expect(last().asked).toBe("POST /api/v1/session");
    last().answer(200, { ...WANG, name: "Li" });
    expect(await signed).toMatchObject({ kind: "ok" });
    expect(session.me?.name).toBe("Li");
  });

  it("lets what was decided a moment ago be said with the session that ends, for a moment", async () => {
    const off = beforeSignOut(() => request("/api/v1/alerts/a/verdict", { method: "POST" }));
    session.status = "in";
    session.me = WANG;
    await signOut();
    expect([session.status, ...asked()]).toEqual(["out", "POST /api/v1/alerts/a/verdict"]);
    last().answer(200, {});
    await soon();
    expect(last().asked).toBe("DELETE /api/v1/session");
    last().answer(204);
    await soon();
    // A hub that does not answer keeps nobody signed in.
    await signOut();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(last().asked).toBe("DELETE /api/v1/session");
    off();
  });

  it("reaches the other windows", () => {
    session.status = "in";
    dispatchEvent(new StorageEvent("storage", { key: "hub.leaving", newValue: "yes" }));
    expect(session.status).toBe("out");
  });
});

describe("several windows of one browser", () => {
  const elsewhere = () => dispatchEvent(new StorageEvent("storage", { key: "hub.entered", newValue: "1" }));
  const refused = async () => {
    void request("/api/v1/layouts");
    last().answer(401, {});
    await soon();
  };

  beforeEach(() => Object.assign(session, { status: "in", me: WANG, expired: false }));
  // Each test is long after the one before.
  afterEach(() => vi.advanceTimersByTimeAsync(10_000));

  it("are all signed in by one sign-in", async () => {
    Object.assign(session, { status: "out", me: null });
    const signed = signIn("w", "p");
    await soon();
    last().answer(200, WANG);
    await signed;
    expect(localStorage.getItem("hub.entered")).not.toBeNull();
    // In the others, one of which is just asking with the cookie of before.
    Object.assign(session, { status: "out", me: null });
    void loadSession();
    elsewhere();
    expect(asked().slice(-2)).toEqual(["GET /api/v1/me", "GET /api/v1/me"]);
    last().answer(200, WANG);
    await soon();
    expect([session.status, session.me?.name]).toEqual(["in", "Wang"]);
  });

  it("stay open when a sign-in ends the session before: the cookie is a newer one", async () => {
    await refused();
    expect([session.status, last().asked]).toEqual(["in", "GET /api/v1/me"]);
    last().answer(200, WANG);
    await soon();
    expect([session.status, session.expired]).toEqual(["in", false]);
  });

  it("are left when the newest cookie is refused too, and the login says why", async () => {
    await refused();
    last().answer(401, {});
    await soon();
    expect([session.status, session.me, session.expired]).toEqual(["out", null, true]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked().filter((call) => call.endsWith("/me"))).toHaveLength(1);
  });

  it("do not ask in a circle what is refused all the same", async () => {
    for (let turn = 0; turn < 20; turn += 1) {
      await refused();
      if (last().asked.endsWith("/me")) last().answer(200, WANG);
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(asked().filter((call) => call.endsWith("/me"))).toHaveLength(1);
  });

  it("begin anew when somebody else is signed in", async () => {
    const reload = vi.spyOn(location, "reload").mockReturnValue();
    elsewhere();
    last().answer(200, { ...WANG, name: "Li" });
    await soon();
    expect([session.me?.name, reload.mock.calls.length]).toEqual(["Wang", 1]);
  });
});
