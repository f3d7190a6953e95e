/** What a page needs before it shows anything: the files that its chunk imports, and theirs. */
import { readFileSync } from "node:fs";

export const PHONE = ["index.html", "src/features/tasks/TasksPage.vue", "src/features/tasks/TaskPage.vue", "src/app/LoginPage.vue"];
export const FIRST_SCREEN = PHONE.slice(0, 2);

/** Files below `dist` of these sources of the build, and of all they import without being asked. */
export function filesOf(dist, sources) {
  const manifest = JSON.parse(readFileSync(`${dist}/.vite/manifest.json`, "utf-8"));
  const files = new Set();
  const seen = new Set();
  const visit = (source) => {
    if (seen.has(source)) return;
    seen.add(source);
    const chunk = manifest[source];
    if (!chunk) throw new Error(`${source} is not in the build`);
    files.add(chunk.file);
    for (const style of chunk.css ?? []) files.add(style);
    for (const next of chunk.imports ?? []) visit(next);
  };
  for (const source of sources) visit(source);
  return [...files].sort();
}
