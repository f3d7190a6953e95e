/** The keyboard of the wall. */
import type { Ref } from "vue";
import { useI18n } from "vue-i18n";

import { useKeys, type Key } from "@/ui/keys";

import { SIZES, type Size } from "./layouts";
import type { Wall } from "./useWall";

interface Parts {
  wall: Wall;
  enlarged: Ref<string | null>;
  treeOpen: Ref<boolean>;
  focusTile: () => void;
  pick: () => unknown;
  full: () => unknown;
  openScreen: () => void;
  selectedCamera: () => string | null;
  mayEnlarge: () => boolean;
  snapshot: () => void;
  acknowledge: () => void;
}

const ARROWS = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"];

export function useWallKeys(parts: Parts): void {
  const { t } = useI18n();
  const { wall, enlarged, treeOpen } = parts;

  function arrow(event: KeyboardEvent): void {
    wall.move(event.key);
    const camera = parts.selectedCamera();
    if (enlarged.value !== null && camera !== null) enlarged.value = camera;
    else if (enlarged.value === null) parts.focusTile();
  }

  function enter(): void {
    const camera = parts.selectedCamera();
    if (enlarged.value !== null) enlarged.value = null;
    else if (camera === null) void parts.pick();
    else if (parts.mayEnlarge()) enlarged.value = camera;
  }

  function escape(): boolean {
    if (enlarged.value !== null) enlarged.value = null;
    else if (treeOpen.value) treeOpen.value = false;
    else return false;
    parts.focusTile();
    return true;
  }

  const sized = SIZES.map(
    (size: Size, i): Key => ({ keys: [String(i + 1)], what: () => t("wall.size", { n: size }), run: () => wall.resize(size) }),
  );

  useKeys([
    { keys: ARROWS, what: () => t("wall.keys.move"), run: arrow },
    { keys: ["Enter"], what: () => t("wall.keys.enter"), run: enter },
    { keys: ["Escape"], what: () => t("wall.keys.escape"), run: escape },
    { keys: ["/", "p"], what: () => t("wall.keys.pick"), run: parts.pick },
    { keys: ["Delete", "Backspace"], what: () => t("wall.keys.clear"), run: () => wall.clear(wall.selected.value) },
    { keys: ["a"], what: () => t("wall.keys.acknowledge"), run: parts.acknowledge },
    { keys: ["s"], what: () => t("wall.keys.snapshot"), run: parts.snapshot },
    ...sized,
    { keys: ["PageUp", "["], what: () => t("wall.keys.pageBefore"), run: () => wall.turn(-1) },
    { keys: ["PageDown", "]"], what: () => t("wall.keys.pageAfter"), run: () => wall.turn(1) },
    { keys: ["t"], what: () => t("wall.keys.tour"), run: () => wall.toggleTour() },
    { keys: ["b"], what: () => t("wall.keys.tree"), run: () => (treeOpen.value = !treeOpen.value) },
    { keys: ["f"], what: () => t("wall.keys.full"), run: parts.full },
    { keys: ["w"], what: () => t("wall.keys.screen"), run: parts.openScreen },
  ]);
}
