/** Which moment a picture on the screen shows: pairs of media time and capture time. */

const KEPT = 600;

export class Moments {
  private pairs: { mediaS: number; capturedAt: number }[] = [];

  add(mediaS: number, capturedAt: number): void {
    this.pairs.push({ mediaS, capturedAt });
    if (this.pairs.length > KEPT) this.pairs.splice(0, KEPT / 2);
  }

  /** UTC seconds at which the picture at `mediaS` was captured; null when it is not known. */
  at(mediaS: number): number | null {
    // Half a frame of tolerance: players round media times to microseconds.
    for (let i = this.pairs.length - 1; i >= 0; i--) {
      const pair = this.pairs[i];
      if (pair && pair.mediaS <= mediaS + 0.005) return pair.capturedAt;
    }
    return null;
  }

  clear(): void {
    this.pairs = [];
  }
}
