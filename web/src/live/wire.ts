/** What comes over the wall's socket, as docs/design/wall.md lays it out. Parses, decides nothing. */

export type Role = "main" | "sub";

export interface Entry {
  tile: number;
  kind: "init" | "fragment";
  keyframe: boolean;
  /** Frames were dropped before this one. */
  gap: boolean;
  /** UTC seconds; 0 for an initialisation segment. */
  capturedAt: number;
  /** On the stream's own line, seconds. */
  mediaS: number;
  bytes: Uint8Array<ArrayBuffer>;
}

export interface Tick {
  tick: number;
  entries: Entry[];
}

/** An initialisation segment of this kind follows for a tile. */
export interface TileMessage {
  op: "tile";
  tile: number;
  camera: string;
  role: Role;
  codec: string;
  width: number;
  height: number;
  generation: number;
}

export type SightState = "online" | "stale" | "frozen" | "offline" | "connecting" | "withheld" | "unsupported";

/** Of a camera; with `tile`, of that tile alone. Times are UTC seconds. */
export interface StateMessage {
  op: "state";
  camera: string;
  tile?: number;
  state: SightState;
  last_picture_at: number | null;
  why: string;
}

export interface RefusedMessage {
  op: "refused";
  tile: number;
  code: string;
  detail: string;
}

/** Each second: the hub's clock (UTC seconds) and frames dropped so far by tile. */
export interface PulseMessage {
  op: "pulse";
  now: number;
  dropped: Record<string, number>;
}

export type Message = TileMessage | StateMessage | RefusedMessage | PulseMessage;

/** What is wanted in a tile of ours. */
export interface Wanted {
  tile: number;
  camera: string;
  role: Role;
  reason: "patrol" | "alert" | "task" | "case" | "maintenance" | "exercise";
}

const VERSION = 1;
const HEAD_BYTES = 8;
const ENTRY_BYTES = 24;
const KIND_INIT = 1;
const KIND_FRAGMENT = 2;
const KEYFRAME = 1;
const GAP = 2;
const OPS = new Set(["tile", "state", "refused", "pulse"]);

/** A binary message, or null for what is not one of ours. The bytes are views, not copies. */
export function parseTick(buffer: ArrayBuffer): Tick | null {
  if (buffer.byteLength < HEAD_BYTES) return null;
  const view = new DataView(buffer);
  if (view.getUint8(0) !== VERSION) return null;
  const entries: Entry[] = [];
  let at = HEAD_BYTES;
  for (let left = view.getUint16(2); left > 0; left--) {
    if (at + ENTRY_BYTES > buffer.byteLength) return null;
    const length = view.getUint32(at + 4);
    if (at + ENTRY_BYTES + length > buffer.byteLength) return null;
    const kind = view.getUint8(at + 2);
    const flags = view.getUint8(at + 3);
    if (kind === KIND_INIT || kind === KIND_FRAGMENT) {
      entries.push({
        tile: view.getUint16(at),
        kind: kind === KIND_INIT ? "init" : "fragment",
        keyframe: (flags & KEYFRAME) !== 0,
        gap: (flags & GAP) !== 0,
        capturedAt: view.getFloat64(at + 8),
        mediaS: view.getFloat64(at + 16),
        bytes: new Uint8Array(buffer, at + ENTRY_BYTES, length),
      });
    }
    at += ENTRY_BYTES + length;
  }
  return { tick: view.getUint32(4), entries };
}

/** A text message, or null for what is not one of ours. */
export function parseMessage(text: string): Message | null {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return null;
  }
  const known = typeof said === "object" && said !== null && "op" in said && OPS.has(String(said.op));
  return known ? (said as Message) : null;
}
