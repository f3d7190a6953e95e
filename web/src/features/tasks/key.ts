/** A key of its own for each word and photo: random, 128 bits. */
export function freshKey(): string {
  // Without HTTPS there is no randomUUID, but there are random bytes.
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
