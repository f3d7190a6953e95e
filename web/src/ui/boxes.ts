/** A rectangle over a picture, in shares of its width and height (0 to 1). */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
  label?: string;
}
