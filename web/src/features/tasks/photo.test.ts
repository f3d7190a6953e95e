import { expect, it } from "vitest";

import { fit } from "./photo";

it.each([
  [4000, 3000, 1600, 1200],
  [3000, 4000, 1200, 1600],
  [1600, 900, 1600, 900],
  [640, 480, 640, 480],
  [10_000, 1, 1600, 1],
])("%d × %d becomes %d × %d", (width, height, w, h) => {
  expect(fit(width, height)).toEqual({ width: w, height: h });
});
