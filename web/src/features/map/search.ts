/** What somebody types, looked for in grids, cameras and sensors. */

export type FoundKind = "grid" | "camera" | "sensor";

export interface Entry {
  kind: FoundKind;
  id: string;
  name: string;
  /** Further words to be found by. */
  also: string;
}

const FOUND_MAX = 60;

/** Every word must be there; names that begin with it come first, then shorter names. */
export function find(entries: readonly Entry[], query: string): Entry[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const found: { entry: Entry; rank: number }[] = [];
  for (const entry of entries) {
    const rank = rankOf(entry, words);
    if (rank !== null) found.push({ entry, rank });
  }
  found.sort((a, b) => a.rank - b.rank || a.entry.name.length - b.entry.name.length || (a.entry.id < b.entry.id ? -1 : 1));
  return found.slice(0, FOUND_MAX).map(({ entry }) => entry);
}

/** 0: the name or the number begins with it; 1: it is in the name; 2: it is elsewhere. */
function rankOf({ id, name, also }: Entry, words: readonly string[]): number | null {
  const title = name.toLowerCase();
  const text = `${title} ${id.toLowerCase()} ${also.toLowerCase()}`;
  if (!words.every((word) => text.includes(word))) return null;
  const first = words[0] as string;
  if (title.startsWith(first) || id.toLowerCase().startsWith(first)) return 0;
  return title.includes(first) ? 1 : 2;
}
