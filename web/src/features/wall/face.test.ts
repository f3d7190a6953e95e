import { describe, expect, it } from "vitest";

import { texts } from "@/i18n";
import type { Look } from "@/live/deck";

import { CONSENTS, directFace, faceOf, FAULTS, reasonIn, unagreed } from "./face";
import { rows, type CameraItem } from "./tree";

const look: Look = {
  camera: "c1",
  state: "online",
  why: "",
  lastPictureAt: 5000,
  refused: null,
  hasPicture: true,
  shownAt: 5000,
  ageS: 0.4,
  still: false,
  codec: "avc1.4d401e",
  role: "sub",
  dropped: 0,
};

describe("a tile", () => {
  it("lets a live picture speak for itself", () => {
    expect(faceOf("c1", look, "live")).toEqual({ cover: "none", lastAt: null, lateS: null });
  });

  it("tells the age of a late picture", () => {
    expect(faceOf("c1", { ...look, ageS: 2.5 }, "live").lateS).toBe(2.5);
  });

  it("never shows an old picture as live", () => {
    expect(faceOf("c1", { ...look, ageS: 9, still: true }, "live")).toEqual({ cover: "stopped", lastAt: 5000, lateS: null });
    for (const state of ["stale", "frozen", "offline", "withheld", "unsupported"] as const) {
      expect(faceOf("c1", { ...look, state }, "live")).toMatchObject({ cover: state, lastAt: 5000 });
    }
  });

  it("bridges a short break of the line, and tells a longer one", () => {
    expect(faceOf("c1", look, "lost").cover).toBe("none");
    expect(faceOf("c1", { ...look, ageS: 3 }, "lost").cover).toBe("line");
    expect(faceOf("c1", undefined, "connecting").cover).toBe("connecting");
    expect(faceOf("c1", look, "refused").cover).toBe("forbidden");
  });

  it("says nothing of a camera it does not show any more", () => {
    expect(faceOf("c2", look, "live").cover).toBe("connecting");
    expect(faceOf(null, look, "live").cover).toBe("empty");
  });

  it("tells a camera that is gone from one that may not be seen", () => {
    expect(faceOf("c1", { ...look, refused: "not_found" }, "live").cover).toBe("gone");
    expect(faceOf("c1", { ...look, refused: "forbidden" }, "live").cover).toBe("forbidden");
  });
});

describe("a picture its owner has not agreed to", () => {
  it.each(CONSENTS)("is covered whatever way it comes, says %s in words and nothing of its last picture", (why) => {
    const withheld: Look = { ...look, state: "withheld", why };
    const face = { cover: "unagreed", lastAt: null, lateS: null };
    expect(faceOf("c1", withheld, "live")).toEqual(face);
    expect(directFace(faceOf("c1", withheld, "live"))).toEqual(face);
    expect(unagreed(withheld)).toBe(true);
    for (const words of [texts("zh"), texts("en")] as unknown as { problem: Record<string, string> }[]) expect(words.problem[why]).toBeTruthy();
    expect(reasonIn(why)).toBe(`problem.${why}`);
  });

  it("is not one that waits for a place among the masked ones", () => {
    const busy: Look = { ...look, state: "withheld", why: "masked_busy: 4 of 4" };
    expect([unagreed(busy), faceOf("c1", busy, "live").cover, reasonIn(busy.why)]).toEqual([false, "withheld", "wall.maskedBusy"]);
    expect(unagreed(undefined)).toBe(false);
  });
});

describe("a picture by another way than the tile's", () => {
  const direct = (more: Partial<Look>) => directFace(faceOf("c1", { ...look, ...more }, "live"));

  it("is covered where the camera itself shows nothing new", () => {
    for (const state of ["stale", "frozen", "offline"] as const) expect(direct({ state })).toMatchObject({ cover: state, lastAt: 5000 });
  });

  it("does not care how the tile's own stream is", () => {
    expect(direct({ hasPicture: false }).cover).toBe("none");
    expect(direct({ state: "unsupported" }).cover).toBe("none");
    expect(direct({ still: true }).cover).toBe("none");
    expect(direct({ ageS: 3 }).lateS).toBeNull();
  });
});

describe("the reason of a cover", () => {
  it("has words where the hub's name of it has some", () => {
    expect(reasonIn("main: wrong_password: 401")).toBe("camera.fault.wrong_password");
    expect(reasonIn("not_watched")).toBe("wall.notWatched");
    expect(reasonIn("no picture for 12 s")).toBeNull();
    expect(reasonIn("")).toBeNull();
  });

  it("has them in both languages", () => {
    for (const words of [texts("zh"), texts("en")] as unknown as { camera: { fault: object }; wall: object }[]) {
      expect(Object.keys(words.camera.fault)).toEqual(expect.arrayContaining([...FAULTS]));
    }
  });
});

describe("the cameras under their grids", () => {
  const grids = [
    { code: "33", name: "Liuxi", parent: null },
    { code: "3301", name: "Town", parent: "33" },
    { code: "3302", name: "Village", parent: "33" },
  ];
  const camera = (id: string, gridCode: string | null): CameraItem => ({ id, name: id, owner: "School", gridCode, state: "online" });
  const all = [camera("b", "3302"), camera("a", "3301"), camera("z", null)];
  const drawn = (closed: string[] = [], search = "") =>
    rows(all, grids, new Set(closed), search, "nowhere").map((row) => `${row.depth} ${row.kind === "grid" ? row.name : row.camera.id}`);

  it("stand in the order of the grids, those without one at the end", () => {
    expect(drawn()).toEqual(["0 Liuxi", "1 Town", "2 a", "1 Village", "2 b", "0 nowhere", "1 z"]);
  });

  it("a grid holds all cameras below it, also when it is folded", () => {
    const [first] = rows(all, grids, new Set(["grid:33"]), "", "nowhere");
    expect(first).toMatchObject({ open: false, cameras: ["a", "b"] });
    expect(drawn(["grid:33"])).toEqual(["0 Liuxi", "0 nowhere", "1 z"]);
  });

  it("are found by their own words, their owner's, and those of their grids", () => {
    expect(drawn([], "village")).toEqual(["0 Liuxi", "1 Village", "2 b"]);
    expect(drawn(["grid:33"], "SCHOOL a")).toContain("2 a");
    expect(drawn([], "nothing like it")).toEqual([]);
  });

  it("survive grids that name each other as parents", () => {
    const round = [
      { code: "1", name: "one", parent: "2" },
      { code: "2", name: "two", parent: "1" },
    ];
    expect(rows([camera("a", "1")], round, new Set()).map((row) => row.depth)).toEqual([0, 1, 2]);
  });
});
