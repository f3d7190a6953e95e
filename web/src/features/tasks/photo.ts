/** A photo as it is kept and sent: a JPEG of at most 1600 pixels a side, upright. */

export const SIDE_PX = 1600;
const QUALITY = 0.8;

/** Width and height of a picture made to fit, never larger than it is. */
export function fit(width: number, height: number, side = SIDE_PX): { width: number; height: number } {
  const share = Math.min(1, side / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * share)), height: Math.max(1, Math.round(height * share)) };
}

/** Null when this phone cannot read the picture. */
export async function shrink(file: Blob): Promise<ArrayBuffer | null> {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const { width, height } = fit(picture.width, picture.height);
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    canvas.getContext("2d")?.drawImage(picture, 0, 0, width, height);
    picture.close();
    const made = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    return made ? await made.arrayBuffer() : null;
  } catch {
    return null;
  }
}
