/** Marks on the canvas: one camera, many cameras, a sensor. Colour and form both tell the state. */
import L from "leaflet";

import { LOOKS, type Look, type Shares } from "./bins";

export type Paint = Record<Look | "surface" | "text" | "accent", string>;

/** The parts of Leaflet's canvas renderer that a mark of one's own needs; it has no public ones. */
interface Brush {
  _drawing: boolean;
  _ctx: CanvasRenderingContext2D;
}

interface Drawn {
  _renderer: Brush;
  _point: L.Point;
  _empty(): boolean;
}

type Draw = (ctx: CanvasRenderingContext2D, x: number, y: number) => void;

class Mark extends L.CircleMarker {
  draw: Draw = () => undefined;
}

Mark.include({
  _updatePath(this: Mark & Drawn) {
    const { _renderer: brush, _point: point } = this;
    if (!brush._drawing || this._empty()) return;
    brush._ctx.save();
    this.draw(brush._ctx, point.x, point.y);
    brush._ctx.restore();
  },
});

export function mark(at: L.LatLngExpression, radius: number, draw: Draw, options: L.CircleMarkerOptions): L.CircleMarker {
  const made = new Mark(at, { radius, weight: 2, ...options });
  made.draw = draw;
  return made;
}

const R = 6;

/** Disc: good; square: stale or frozen; hollow diamond: no picture; hollow ring: not known or off. */
export function cameraMark(look: Look, paint: Paint): Draw {
  return (ctx, x, y) => {
    outline(ctx, look, x, y);
    ctx.lineWidth = 5;
    ctx.strokeStyle = paint.surface;
    ctx.stroke();
    ctx.fillStyle = look === "good" || look === "warn" ? paint[look] : paint.surface;
    ctx.fill();
    ctx.lineWidth = 2.5;
    ctx.strokeStyle = paint[look];
    ctx.stroke();
  };
}

function outline(ctx: CanvasRenderingContext2D, look: Look, x: number, y: number): void {
  ctx.beginPath();
  if (look === "warn") ctx.rect(x - R + 0.5, y - R + 0.5, 2 * R - 1, 2 * R - 1);
  else if (look === "bad") polygon(ctx, [[x, y - R - 1], [x + R + 1, y], [x, y + R + 1], [x - R - 1, y]]);
  else ctx.arc(x, y, R - 0.5, 0, 2 * Math.PI);
}

function polygon(ctx: CanvasRenderingContext2D, points: [number, number][]): void {
  points.forEach(([x, y], index) => (index ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
  ctx.closePath();
}

export function sensorMark(paint: Paint): Draw {
  return (ctx, x, y) => {
    ctx.beginPath();
    polygon(ctx, [[x, y - R - 1], [x + R + 1, y + R - 1], [x - R - 1, y + R - 1]]);
    ctx.lineWidth = 4;
    ctx.strokeStyle = paint.surface;
    ctx.stroke();
    ctx.fillStyle = paint.accent;
    ctx.fill();
  };
}

export function crowdRadius(count: number): number {
  return 12 + Math.min(10, Math.log2(count) * 1.5);
}

/** Many at once: their number in a ring of their states, and a diamond where some give no picture. */
export function crowdMark(count: number, shares: Shares, paint: Paint): Draw {
  const radius = crowdRadius(count);
  return (ctx, x, y) => {
    ctx.beginPath();
    ctx.arc(x, y, radius, 0, 2 * Math.PI);
    ctx.fillStyle = paint.surface;
    ctx.fill();
    ring(ctx, x, y, radius - 2, shares, paint);
    ctx.fillStyle = paint.text;
    ctx.font = "600 12px system-ui, sans-serif";
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText(String(count), x, y + 0.5);
    if (!shares.bad) return;
    const corner = radius * 0.75;
    ctx.translate(x + corner, y - corner);
    ctx.scale(0.75, 0.75);
    cameraMark("bad", paint)(ctx, 0, 0);
  };
}

function ring(ctx: CanvasRenderingContext2D, x: number, y: number, radius: number, shares: Shares, paint: Paint): void {
  const total = LOOKS.reduce((sum, look) => sum + shares[look], 0);
  let from = -Math.PI / 2;
  ctx.lineWidth = 4;
  for (const look of LOOKS) {
    if (!shares[look]) continue;
    const to = from + (2 * Math.PI * shares[look]) / total;
    ctx.beginPath();
    ctx.arc(x, y, radius, from, to);
    ctx.strokeStyle = paint[look];
    ctx.stroke();
    from = to;
  }
}
