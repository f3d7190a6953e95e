/**
 * The first screen of the phone has at most 400 kB of compressed script, and all of it is kept for
 * when there is no network. Usage, after a build: node scripts/size.mjs [dist]
 */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

import { filesOf, FIRST_SCREEN, PHONE } from "./closure.mjs";

const LIMIT_BYTES = 400_000;
const FOREIGN = [/naive-ui/i, /leaflet/i];

const dist = process.argv[2] ?? "dist";
const scripts = filesOf(dist, FIRST_SCREEN).filter((file) => file.endsWith(".js"));
const sizes = scripts.map((file) => [file, gzipSync(readFileSync(`${dist}/${file}`)).length]);
const total = sizes.reduce((sum, [, bytes]) => sum + bytes, 0);
const say = (line) => process.stdout.write(`${line}\n`);
for (const [file, bytes] of sizes) say(`${String(bytes).padStart(8)}  ${file}`);
say(`${String(total).padStart(8)}  first screen of /tasks, gzip; at most ${LIMIT_BYTES}`);

const worker = readFileSync(`${dist}/sw.js`, "utf-8");
const faults = filesOf(dist, PHONE)
  .filter((file) => !worker.includes(file))
  .map((file) => `${file} is not kept for offline use (dist/sw.js)`);
if (worker.includes("SKIP_WAITING")) faults.push("dist/sw.js waits for every window to be closed before it is in force");
if (total > LIMIT_BYTES) faults.push(`${total} bytes are more than ${LIMIT_BYTES}`);
for (const file of scripts) {
  const text = readFileSync(`${dist}/${file}`, "utf-8");
  if (FOREIGN.some((library) => library.test(text))) faults.push(`${file} holds a library of the office pages`);
}
for (const fault of faults) say(fault);
process.exit(faults.length ? 1 : 0);
