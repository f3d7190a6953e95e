/** The hub's clock as its pulses tell it: of the last ones the one that travelled least. Pure. */

const KEPT = 30;

export class HubClock {
  private offsets: number[] = [];

  /** A pulse that said `hubS` (UTC seconds) arrived at `localMs` (any steady clock). */
  pulse(hubS: number, localMs: number): void {
    this.offsets.push(hubS - localMs / 1000);
    if (this.offsets.length > KEPT) this.offsets.shift();
  }

  /** The hub's time (UTC seconds) at `localMs`, or null before the first pulse. */
  at(localMs: number): number | null {
    return this.offsets.length ? Math.max(...this.offsets) + localMs / 1000 : null;
  }

  /** After a pause the steady clock of a sleeping machine may have stood still. */
  forget(): void {
    this.offsets = [];
  }
}
