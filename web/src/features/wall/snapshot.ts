/** A still of what the screen shows, with who took it, of what, and when. */

export interface Caption {
  /** Camera by name. */
  camera: string;
  /** When the picture was captured, in words. */
  at: string;
  viewer: string;
}

/** JPEG of the picture with its caption below and the viewer's name over it; null without a picture. */
export async function snapshotOf(video: HTMLVideoElement, caption: Caption): Promise<Blob | null> {
  const [width, height] = [video.videoWidth, video.videoHeight];
  const canvas = document.createElement("canvas");
  const line = Math.max(20, Math.round(height / 18));
  [canvas.width, canvas.height] = [width, height + line * 1.6];
  const paint = canvas.getContext("2d");
  if (!width || !paint) return null;
  paint.drawImage(video, 0, 0, width, height);
  paint.font = `${line * 0.8}px "Noto Sans CJK SC", system-ui, sans-serif`;
  watermark(paint, `${caption.viewer} ${caption.at}`, width, height, line);
  paint.fillStyle = "#0b1018";
  paint.fillRect(0, height, width, canvas.height - height);
  paint.fillStyle = "#eaf0f8";
  paint.textBaseline = "middle";
  paint.fillText(`${caption.camera}  ${caption.at}  ${caption.viewer}`, line / 2, height + line * 0.8, width - line);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
}

/** Across the picture, so that a part that is cut out still names whoever took it. */
function watermark(paint: CanvasRenderingContext2D, text: string, width: number, height: number, line: number): void {
  paint.save();
  // Light on dark pictures, dark on light ones.
  paint.fillStyle = "rgb(255 255 255 / 28%)";
  paint.strokeStyle = "rgb(0 0 0 / 28%)";
  paint.textAlign = "center";
  for (const [x, y] of [[0.25, 0.3], [0.75, 0.3], [0.5, 0.6], [0.25, 0.9], [0.75, 0.9]] as const) {
    paint.strokeText(text, width * x, height * y, width / 2 - line);
    paint.fillText(text, width * x, height * y, width / 2 - line);
  }
  paint.restore();
}

/** A file name that every system takes. */
export function fileName(camera: string, at: Date): string {
  return `${camera.replace(/[^\w\p{Script=Han}-]+/gu, "_")}_${at.toISOString().replace(/[:.]/g, "-")}.jpg`;
}

export function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
