/** What is dragged on the wall: cameras, and the place they come from if they come from a tile. */

export interface Dragged {
  cameras: string[];
  /** Tile of the screen, or null: from the tree. */
  from: number | null;
}

const TYPE = "application/x-hub-cameras";

export function setDragged(event: DragEvent, what: Dragged): void {
  event.dataTransfer?.setData(TYPE, JSON.stringify(what));
}

/** What was dropped, or null when it came from elsewhere. */
export function dropped(event: DragEvent): Dragged | null {
  const text = event.dataTransfer?.getData(TYPE);
  return text ? (JSON.parse(text) as Dragged) : null;
}
