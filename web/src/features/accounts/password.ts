/** First passwords that can be read out over a telephone: nothing that looks like something else. */
const SIGNS = "abcdefghjkmnpqrstuvwxyz23456789";

/** Twelve signs in three groups, about 59 bits. `random` fills bytes, as the browser's crypto does. */
export function thinkUp(random: (bytes: Uint8Array) => Uint8Array = (bytes) => crypto.getRandomValues(bytes as Uint8Array<ArrayBuffer>)): string {
  const signs: string[] = [];
  const fair = 256 - (256 % SIGNS.length);
  while (signs.length < 12) {
    for (const byte of random(new Uint8Array(16))) {
      // The bytes above the last whole multiple would make the first signs likelier.
      if (byte < fair && signs.length < 12) signs.push(SIGNS[byte % SIGNS.length] as string);
    }
  }
  return [0, 4, 8].map((from) => signs.slice(from, from + 4).join("")).join("-");
}
