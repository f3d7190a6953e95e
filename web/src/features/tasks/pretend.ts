/** For tests: a window of the phone, and a hub that answers it as it is told. */
import { vi } from "vitest";

import { someone } from "@/api/someone";

import { aTask, ME } from "./given";
import type { Item } from "./outbox";
import type { Task } from "./types";

/** A window opened anew; its store stays. */
export async function open() {
  vi.resetModules();
  const { session } = await import("@/api/session");
  const phone = await import("./phone");
  const { store, recall, remember, forget } = await import("./store");
  const enter = (name: string) => {
    session.me = someone(name, "worker");
    session.status = "in";
  };
  const leave = () => Object.assign(session, { me: null, status: "out" });
  enter(ME);
  return { phone, session, store, recall, remember, forget, enter, leave };
}

export interface PretendedHub {
  list: Task[];
  /** It always has another page. */
  endless: boolean;
  network: boolean;
  /** Whose the browser's cookie is. */
  cookie: string;
  /** What was said to it. */
  heard: string[];
  held: Promise<void> | null;
  calls: { path: string; signal?: AbortSignal | null }[];
}

const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });

/** Before each test, not after: a window of before may still ask, and it is the new hub that it asks. */
export async function pretendHub(): Promise<PretendedHub> {
  vi.unstubAllGlobals();
  localStorage.clear();
  const hub: PretendedHub = { list: [aTask("a")], endless: false, network: true, cookie: ME, heard: [], held: null, calls: [] };
  vi.stubGlobal("fetch", async (path: string, { method = "GET", headers, signal }: RequestInit = {}) => {
    hub.calls.push({ path, signal });
    const saidBy = new Headers(headers).get("Signed-In-As");
    const foreign = saidBy !== null && decodeURIComponent(saidBy) !== hub.cookie;
    if (method !== "GET" && hub.network && !foreign) hub.heard.push(path.replace("/api/v1/tasks/", ""));
    await hub.held;
    if (!hub.network) throw new TypeError("no network");
    if (foreign) return json({ code: "other_account" }, 403);
    if (path === "/api/v1/me") return json(someone(hub.cookie, "worker"));
    const open = path.includes("open=true");
    return json(method === "GET" ? { items: open ? hub.list : [], next: open && hub.endless ? "more" : null } : {});
  });
  const { store, forget } = await open();
  await store.remove((await store.items()).map((item) => item.key));
  await forget();
  return hub;
}

export const said = (items: readonly Item[]) => items.map((item) => `${item.kind} ${item.state}`);
