import { describe, expect, it } from "vitest";

import { HubClock } from "./clock";
import { nextStep, oldPart, type Standing } from "./drift";
import { Moments } from "./moments";

const live: Standing = { at: 99.8, spans: [{ start: 90, end: 100 }], rate: 1, keyframeAt: 98, newestAt: 99.9, begun: true };

describe("the player", () => {
  it("begins near the newest picture, once", () => {
    const fresh = { ...live, at: 0, begun: false };
    expect(nextStep(fresh)).toEqual({ kind: "seek", to: 99.8 });
    expect(nextStep({ ...fresh, at: 99.8 })).toEqual({ kind: "stay" });
    expect(nextStep({ ...fresh, spans: [] })).toEqual({ kind: "stay" });
  });

  it("speeds up slightly when it lags, and slows down only when it is near again", () => {
    expect(nextStep({ ...live, at: 99.3 })).toEqual({ kind: "rate", rate: 1.1 });
    expect(nextStep({ ...live, at: 98.5 })).toEqual({ kind: "rate", rate: 1.25 });
    expect(nextStep({ ...live, at: 99.5, rate: 1.25 })).toEqual({ kind: "stay" });
    expect(nextStep({ ...live, at: 99.7, rate: 1.25 })).toEqual({ kind: "rate", rate: 1 });
  });

  it("counts from the newest picture, however long that is said to last", () => {
    const spans = [{ start: 90, end: 100.9 }];
    expect(nextStep({ ...live, spans })).toEqual({ kind: "stay" });
    expect(nextStep({ ...live, spans, at: 100.5 })).toEqual({ kind: "stay" });
    expect(nextStep({ ...live, spans, at: 0, begun: false })).toEqual({ kind: "seek", to: 99.8 });
    expect(nextStep({ ...live, spans, at: 91, keyframeAt: 92 })).toEqual({ kind: "seek", to: 99.8 });
  });

  it("does not jump for less than three seconds", () => {
    expect(nextStep({ ...live, at: 97.1 }).kind).toBe("rate");
    expect(nextStep({ ...live, at: 96.9 })).toEqual({ kind: "seek", to: 98 });
  });

  it("jumps to the end when the newest keyframe is far behind itself", () => {
    expect(nextStep({ ...live, at: 91, keyframeAt: 92 })).toEqual({ kind: "seek", to: 99.8 });
  });

  it("leaves a hole, and the end of what was before it", () => {
    const spans = [
      { start: 80, end: 85 },
      { start: 98, end: 100 },
    ];
    expect(nextStep({ ...live, at: 85, spans })).toEqual({ kind: "seek", to: 98.02 });
    expect(nextStep({ ...live, at: 90, spans })).toEqual({ kind: "seek", to: 98.02 });
    expect(nextStep({ ...live, at: 82, spans })).toMatchObject({ kind: "seek" });
  });

  it("steps over small holes one by one", () => {
    const spans = [
      { start: 97, end: 98 },
      { start: 98.5, end: 99 },
      { start: 99.5, end: 100 },
    ];
    expect(nextStep({ ...live, at: 97.95, spans, keyframeAt: 99.5 })).toEqual({ kind: "seek", to: 98.52 });
    expect(nextStep({ ...live, at: 98.97, spans, keyframeAt: 99.5 })).toEqual({ kind: "seek", to: 99.52 });
  });

  it("never seeks to the very edge of what is there", () => {
    const one = [{ start: 63.98, end: 63.99 }];
    const step = nextStep({ ...live, at: 0, spans: one, keyframeAt: 63.98 });
    expect(step.kind === "seek" && step.to >= 63.98 && step.to < 63.99).toBe(true);
  });

  it("keeps ten seconds behind it, and cleans seldom", () => {
    expect(oldPart([{ start: 90, end: 110 }], 109)).toBeNull();
    expect(oldPart([{ start: 90, end: 112 }], 111)).toEqual({ start: 0, end: 101 });
    expect(oldPart([], 111)).toBeNull();
  });

  it("catches up over a simulated minute without ever jumping", () => {
    let at = 97.5;
    let rate = 1;
    for (let end = 100; end < 160; end += 0.2) {
      const step = nextStep({ ...live, newestAt: null, at, rate, spans: [{ start: 90, end }], keyframeAt: end - 1 });
      expect(step.kind).not.toBe("seek");
      if (step.kind === "rate") rate = step.rate;
      at = Math.min(end, at + 0.2 * rate);
    }
    expect(160 - at).toBeLessThan(0.7);
  });
});

describe("the age of a picture", () => {
  it("is counted on the hub's clock, by the pulse that travelled least", () => {
    const clock = new HubClock();
    expect(clock.at(0)).toBeNull();
    clock.pulse(1000, 500); // 0.3 s under way
    clock.pulse(1001, 1200); // at once
    clock.pulse(1002, 2600);
    expect(clock.at(2200)).toBeCloseTo(1002);
  });

  it("is that of the frame shown, not of the one that came last", () => {
    const moments = new Moments();
    for (let i = 0; i < 700; i++) moments.add(i / 10, 5000 + i / 10);
    expect(moments.at(60.05)).toBeCloseTo(5060);
    expect(moments.at(69.8999)).toBeCloseTo(5069.9);
    expect(moments.at(1)).toBeNull();
  });
});
