/** The page to go on to after the login: only a path of our own, never another host. */
export function safeNext(asked: unknown): string | null {
  if (typeof asked !== "string" || !/^\/(?![/\\])/.test(asked)) return null;
  return asked.startsWith("/login") ? null : asked;
}
