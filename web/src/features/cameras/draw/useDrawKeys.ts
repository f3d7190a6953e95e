/** Everything that can be done with the mouse on the picture, by keyboard. */
import type { Ref } from "vue";
import { useI18n } from "vue-i18n";

import { useKeys, type Key } from "@/ui/keys";

import type { Point } from "../types";
import { cornersOf, type Action, type Editor, type Tool } from "./editor";

const STEP = 0.005;
const BIG = 0.05;
const WAYS: readonly [string, number, number][] = [
  ["ArrowLeft", -1, 0],
  ["ArrowRight", 1, 0],
  ["ArrowUp", 0, -1],
  ["ArrowDown", 0, 1],
];
const TOOLS: readonly [string, Tool][] = [["z", "zone"], ["l", "line"], ["m", "mask"], ["g", "ground"]];

/** `cursor`: where the next corner would be put, for the mouse and the arrow keys alike. */
export function useDrawKeys(editor: Readonly<Ref<Editor>>, cursor: Ref<Point | null>, act: (action: Action) => void): void {
  const { t } = useI18n();

  function go(x: number, y: number, by: number): unknown {
    const { drawing, chosen, shapes } = editor.value;
    if (drawing) {
      const [fromX, fromY] = cursor.value ?? [0.5, 0.5];
      cursor.value = [clamp(fromX + x * by), clamp(fromY + y * by)];
      return true;
    }
    if (!chosen) return false;
    if (chosen.corner === null) {
      act({ do: "choose", what: { ...chosen, corner: 0 } });
      return true;
    }
    const at = cornersOf(shapes, chosen)[chosen.corner];
    if (at) act({ do: "move", to: [clamp(at[0] + x * by), clamp(at[1] + y * by)], stroke: `keys-${chosen.kind}-${chosen.index}-${chosen.corner}` });
    return true;
  }

  function nextCorner(): unknown {
    const { chosen, shapes } = editor.value;
    if (!chosen) return false;
    const count = cornersOf(shapes, chosen).length;
    act({ do: "choose", what: { ...chosen, corner: ((chosen.corner ?? -1) + 1) % count } });
    return true;
  }

  function put(): unknown {
    if (!editor.value.drawing) return false;
    cursor.value ??= [0.5, 0.5];
    act({ do: "put", at: cursor.value });
    return true;
  }

  const arrows = WAYS.flatMap(([key, x, y], index): Key[] => [
    { keys: [key], what: () => (index === 0 ? t("draw.key.move") : ""), run: () => go(x, y, STEP) },
    { keys: [`Shift+${key}`], what: () => (index === 0 ? t("draw.key.moveFar") : ""), run: () => go(x, y, BIG) },
  ]);
  useKeys([
    ...TOOLS.map(([key, tool]): Key => ({ keys: [key], what: () => t(`draw.tool.${tool}`), run: () => act({ do: "start", tool }) })),
    { keys: ["Enter", " "], what: () => t("draw.key.put"), run: put },
    { keys: ["Escape"], what: () => t("draw.key.end"), run: () => act({ do: "end" }) },
    ...arrows,
    { keys: ["c"], what: () => t("draw.key.corner"), run: nextCorner },
    { keys: ["Delete", "Backspace"], what: () => t("draw.key.remove"), run: () => act({ do: "remove" }) },
    { keys: ["Ctrl+z"], what: () => t("common.undo"), run: () => act({ do: "undo" }) },
    { keys: ["Ctrl+y", "Ctrl+Z"], what: () => t("draw.redo"), run: () => act({ do: "redo" }) },
  ]);
}

const clamp = (value: number): number => Math.min(1, Math.max(0, value));
