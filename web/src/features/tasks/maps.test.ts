import { expect, it } from "vitest";

import { handovers } from "./maps";

it("hands a place over to each app in its own datum", () => {
  const links = Object.fromEntries(handovers({ lon: 103.21, lat: 38.61 }, "东门 (北)").map(({ app, href }) => [app, href]));
  const name = encodeURIComponent("东门 (北)");
  expect(links.amap).toBe(
    `https://uri.amap.com/navigation?to=103.212396,38.610445,${name}&mode=car&coordinate=gaode&callnative=1`,
  );
  expect(links.phone).toBe(`geo:38.610000,103.210000?q=38.610000,103.210000(${name})`);
  expect(links.apple).toContain("daddr=38.610445,103.212396");
  expect(links.google).toContain("destination=38.610000,103.210000");
});
