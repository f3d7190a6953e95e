/** When a tour turns the page. Pure: time comes in, pages go out. */

export interface Tour {
  page: number;
  /** When this page was turned to, ms. */
  since: number;
}

/** `single`: there is only one page to show. */
export type TourState = "off" | "running" | "paused" | "single";

export function tourState(pages: number, everyS: number | null, held: boolean): TourState {
  if (everyS === null) return "off";
  if (pages < 2) return "single";
  return held ? "paused" : "running";
}

/**
 * The tour at `now` (ms). A page that is held (somebody looks closer, chooses or drags a camera, or
 * the window is hidden) gets its whole time again when it is let go.
 */
export function advance(tour: Tour, now: number, pages: number, everyS: number | null, held: boolean): Tour {
  if (held) return { ...tour, since: now };
  if (everyS === null || pages < 2 || now - tour.since < everyS * 1000) return tour;
  return { page: (tour.page + 1) % pages, since: now };
}

/** The page before or after, by hand; goes round. */
export function turn(tour: Tour, now: number, pages: number, by: 1 | -1): Tour {
  return { page: (tour.page + by + pages) % pages, since: now };
}
