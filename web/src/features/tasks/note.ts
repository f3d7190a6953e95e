/** A worker's half-written report of a task: it survives a call, a reload and an empty battery. */
const keyOf = (by: string, taskId: string): string => `hub.note.${by}.${taskId}`;

export function readNote(by: string, taskId: string): string {
  return localStorage.getItem(keyOf(by, taskId)) ?? "";
}

export function keepNote(by: string, taskId: string, text: string): void {
  if (text) localStorage.setItem(keyOf(by, taskId), text);
  else localStorage.removeItem(keyOf(by, taskId));
}

/** The tasks of which `by` has a half-written report. */
export function notesOf(by: string): string[] {
  const prefix = keyOf(by, "");
  const ids = Object.keys(localStorage).flatMap((key) => (key.startsWith(prefix) ? key.slice(prefix.length) : []));
  // The id of a task has no dot: this is the note of somebody whose name begins like this one.
  return ids.filter((id) => !id.includes("."));
}
