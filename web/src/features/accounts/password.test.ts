import { describe, expect, it } from "vitest";

import { thinkUp } from "./password";

describe("a first password", () => {
  it("has three groups of four signs that cannot be mistaken", () => {
    expect(thinkUp()).toMatch(/^[a-hjkmnp-z2-9]{4}(-[a-hjkmnp-z2-9]{4}){2}$/);
  });

  it("differs from the one before", () => {
    expect(new Set(Array.from({ length: 50 }, () => thinkUp())).size).toBe(50);
  });

  it("takes no byte that would make some signs likelier", () => {
    let round = 0;
    const bytes = (into: Uint8Array) => into.fill(round++ === 0 ? 255 : 0);
    expect(thinkUp(bytes)).toBe("aaaa-aaaa-aaaa");
    expect(round).toBe(2);
  });
});
