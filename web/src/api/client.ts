/**
 * Calls of the hub. A call is answered with a value, was aborted, or failed with a problem; no
 * exception of the network reaches a component.
 */
import createClient from "openapi-fetch";

import type { paths } from "./schema";

/** RFC 9457, as `hub/api/errors.py` writes it; `status` 0 is a hub that does not answer. */
export interface Problem {
  status: number;
  code: string;
  title: string;
  detail: string;
  errors: { where: string; what: string }[];
  /** Seconds to wait, where the hub says so. */
  retryAfterS?: number;
}

export type Answer<T> =
  | { kind: "ok"; value: T }
  | { kind: "aborted" }
  | { kind: "error"; problem: Problem };

/** Thrown inside queries of vue-query only, which hands it to the component as `error`. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail || problem.title);
  }
}

type Listener = () => void;
const signedOut = new Set<Listener>();

/** Called when the hub says that nobody is signed in (any more); returns how to stop listening. */
export function onSignedOut(listener: Listener): () => void {
  signedOut.add(listener);
  return () => signedOut.delete(listener);
}

/** Tells the listeners; the feed uses it too. */
export function tellSignedOut(): void {
  for (const listener of signedOut) listener();
}

/** Typed by the hub's own OpenAPI document: `hub.GET("/api/v1/cameras", {...})`. */
export const hub = createClient<paths>({
  baseUrl: location.origin,
  credentials: "same-origin",
  fetch: (request) => globalThis.fetch(request),
});

const UNREACHABLE: Problem = {
  status: 0,
  code: "unreachable",
  title: "unreachable",
  detail: "",
  errors: [],
};

interface Result<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** `await ask(hub.GET(...))`: the one place where a rejected promise becomes an answer. */
export async function ask<T>(call: Promise<Result<T>>): Promise<Answer<T>> {
  try {
    const { data, error, response } = await call;
    if (response.ok) return { kind: "ok", value: data as T };
    return failed(problemOf(response, error));
  } catch (error) {
    return thrown(error);
  }
}

/**
 * A call that the document does not describe, or whose body is not JSON (files, pictures). Answers
 * with the JSON body, or undefined for 204; with what `read` makes of the response where it is given.
 */
export async function request<T>(path: string, init: RequestInit = {}, read: (response: Response) => Promise<unknown> = bodyOf): Promise<Answer<T>> {
  try {
    const response = await fetch(path, { credentials: "same-origin", ...init });
    const body: unknown = await (response.ok ? read(response) : bodyOf(response));
    if (response.ok) return { kind: "ok", value: body as T };
    return failed(problemOf(response, body));
  } catch (error) {
    return thrown(error);
  }
}

/**
 * Aborts after so long, and when `also` does. Phones of before 2022 have neither `AbortSignal.timeout`
 * nor `AbortSignal.any`.
 */
export function limit(ms: number, also?: AbortSignal): AbortSignal {
  const line = new AbortController();
  const end = (): void => line.abort();
  setTimeout(end, ms);
  if (also?.aborted) end();
  also?.addEventListener("abort", end);
  return line.signal;
}

/** `request` with a JSON body. */
export function send<T>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
  if (body === undefined) return request(path, { method });
  return request(path, {
    method,
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json" },
  });
}

/** For query functions: the value, or a thrown `ProblemError` (an aborted call throws as well). */
export async function orThrow<T>(answer: Promise<Answer<T>>): Promise<T> {
  const got = await answer;
  if (got.kind === "ok") return got.value;
  if (got.kind === "error") throw new ProblemError(got.problem);
  throw new DOMException("aborted", "AbortError");
}

/** The problem in whatever a query failed with. */
export function asProblem(error: unknown): Problem {
  return error instanceof ProblemError ? error.problem : UNREACHABLE;
}

async function bodyOf(response: Response): Promise<unknown> {
  if (response.status === 204) return undefined;
  const type = response.headers.get("content-type") ?? "";
  return type.includes("json") ? response.json() : response.text();
}

function failed(problem: Problem): Answer<never> {
  if (problem.status === 401) tellSignedOut();
  return { kind: "error", problem };
}

function thrown(error: unknown): Answer<never> {
  if (error instanceof DOMException && error.name === "AbortError") return { kind: "aborted" };
  return { kind: "error", problem: UNREACHABLE };
}

function problemOf(response: Response, body: unknown): Problem {
  const said = (typeof body === "object" && body !== null ? body : {}) as Partial<Problem>;
  const after = Number(response.headers.get("retry-after"));
  return {
    status: response.status,
    code: said.code ?? `http_${response.status}`,
    title: said.title ?? response.statusText,
    detail: said.detail ?? "",
    errors: said.errors ?? [],
    ...(after > 0 ? { retryAfterS: after } : {}),
  };
}
