// What a waiting call costs in memory: bytes of the engine's linear memory and of JavaScript's heap, and what of them is
// kept once nobody waits any more.
//
//   npm run bench:waiting -- [--pkg folder] [--json file]
//
// Each case is a process of its own, since linear memory never shrinks.

import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const here = import.meta.dirname;
/** No session may have more than fifty calls waiting. */
const CASES = [
  { name: '500 sessions', people: 500, signals: false },
  { name: 'no sessions', people: 0, signals: false },
  { name: '500 sessions, signals', people: 500, signals: true },
];

const { values: given } = parseArgs({ options: { pkg: { type: 'string', default: join(here, '../../pkg') }, json: { type: 'string' } } });

const rows = [];
for (const scene of CASES) rows.push({ name: scene.name, ...await measured(scene) });
console.log('bytes of a waiting call       wasm    heap  wasm kept  heap kept');
for (const { name, wasm, heap, wasmKept, heapKept } of rows) {
  console.log(name.padEnd(26) + column(wasm, 8, 0) + column(heap, 8, 0) + column(wasmKept, 11, 1) + column(heapKept, 11, 1));
}
if (given.json) writeFileSync(given.json, `${JSON.stringify(rows, null, 2)}\n`);

function column(bytes, width, digits) {
  return bytes.toFixed(digits).padStart(width);
}

function measured(scene) {
  return new Promise((resolved, rejected) => {
    const child = fork(join(here, 'crowd.mjs'), { execArgv: ['--expose-gc'] });
    child.once('message', resolved);
    child.once('exit', (code) => { if (code !== 0) rejected(new Error(`"${scene.name}" ended with exit code ${code}`)); });
    child.send({ ...scene, pkg: resolve(given.pkg) });
  });
}
