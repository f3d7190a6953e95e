/**
 * The keyboard of a page. `useKeys([{ keys: ["Enter"], what: () => <its name>, run }])`
 * listens as long as the component lives; nothing is taken while somebody types. The sheet that `?`
 * opens is made from the same list.
 */
import { computed, onScopeDispose, ref, shallowReactive } from "vue";

export interface Key {
  /** As `KeyboardEvent.key`, with `Ctrl+`, `Alt+`, `Shift+` before it where they count. */
  keys: readonly string[];
  /** What it does, in the reader's language; empty: not on the sheet. */
  what: () => string;
  /** Return false to leave the key to the browser. */
  run: (event: KeyboardEvent) => unknown;
  when?: () => boolean;
  /** Whether it is the open dialogue's own; left out: of the page, which takes none beneath one. */
  above?: () => boolean;
  /** Moves, so that holding it goes on; arrows do by themselves. Whatever else is held runs once. */
  repeats?: boolean;
}

const sets = shallowReactive<(readonly Key[])[]>([]);

export const sheetOpen = ref(false);

/** All keys that work now, the newest component's first. */
export const keysNow = computed(() => sets.toReversed().flat().filter((key) => key.what()));

/** The name of what was pressed: `Ctrl+s`, `Shift+Tab`, `?`. */
export function nameOf(event: KeyboardEvent): string {
  const shift = event.shiftKey && event.key.length > 1 ? "Shift+" : "";
  return `${event.ctrlKey || event.metaKey ? "Ctrl+" : ""}${event.altKey ? "Alt+" : ""}${shift}${event.key}`;
}

/** Whether a key belongs to where it was pressed: a field, or an open dialogue. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.closest("[role=dialog], dialog")) return true;
  if (target instanceof HTMLInputElement) return !["button", "checkbox", "radio", "range"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

/**
 * A dialogue hears what is pressed in it. One whose text was clicked, or whose focused button was
 * disabled or removed, has the focus no more: keys arrive at the page, and are not meant for it.
 */
function isBeneath(): boolean {
  return document.querySelector("dialog[open], [aria-modal=true]") !== null;
}

/** Enter and Space press the button that has the focus, and nothing else. */
function isPressing(event: KeyboardEvent): boolean {
  if (event.key !== "Enter" && event.key !== " ") return false;
  return event.target instanceof HTMLElement && event.target.closest("a, button, summary") !== null;
}

/** A key that is held comes again and again: only what moves may follow. */
function mayRun(key: Key, event: KeyboardEvent): boolean {
  return !event.repeat || (key.repeats ?? event.key.startsWith("Arrow"));
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  if (isTyping(event.target) || isPressing(event)) return;
  const name = nameOf(event);
  const beneath = isBeneath();
  for (const keys of sets.toReversed()) {
    const found = keys.find((key) => key.keys.includes(name) && (key.when?.() ?? true) && (!beneath || key.above?.()));
    if (found && (!mayRun(found, event) || found.run(event) !== false)) {
      event.preventDefault();
      return;
    }
  }
}

export function useKeys(keys: readonly Key[]): void {
  if (sets.length === 0) addEventListener("keydown", onKey);
  sets.push(keys);
  onScopeDispose(() => {
    const at = sets.indexOf(keys);
    if (at >= 0) sets.splice(at, 1);
    if (sets.length === 0) removeEventListener("keydown", onKey);
  });
}
