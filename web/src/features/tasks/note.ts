/** A worker's half-written report of a task: it survives a call, a reload and an empty battery. */
const keyOf = (by: string, taskId: string): string => `hub.note.${by}.${taskId}`;

export function readNote(by: string, taskId: string): string {
  return localStorage.getItem(keyOf(by, taskId)) ?? "";
}

export function keepNote(by: string, taskId: string, text: string): void {
  if (text) localStorage.setItem(keyOf(by, taskId), text);
  else localStorage.removeItem(keyOf(by, taskId));
}
