/** When a tour turns the page. Pure: time comes in, pages go out. */

export interface Tour {
  page: number;
  /** When this page was turned to, ms. */
  since: number;
}

/**
 * The tour at `now` (ms). A page that is held (somebody looks closer, picks a camera, or the window
 * is hidden) gets its whole time again when it is let go.
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
