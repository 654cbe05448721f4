// What the package weighs, and what weighs it: `npm run size`. Fails where a file is over its budget.
//
//   --json file   the same as data
//   --functions n the n largest functions (20)
//
// Sizes are those of pkg/, compressed as servers do: gzip 9, brotli 11. Budgets are what was reached, and a little room for
// the next change: whoever needs more says why in the commit that raises one. Goals are where we want to be.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { sourcesOf } from './entries.mjs';
import { roomsOfCrate } from './rooms.mjs';

process.chdir(join(import.meta.dirname, '..'));

/** In KB (1,000 bytes) of gzip. */
const FILES = [
  { file: 'core_bg.wasm', budget: 320, goal: 64 },
  { file: 'index.js', budget: 392, goal: 90 },
  { file: 'index.cjs', budget: 392, goal: 90 },
  { file: 'workerd.js', budget: 75 },
  { file: 'edge-light.js', budget: 75 },
  { file: 'mock.js', budget: 39 },
  { file: 'mock.cjs', budget: 39 },
  { file: 'sink-file.js', budget: 1.5 },
  { file: 'sink-sqlite.js', budget: 5 },
  { file: 'sink-indexeddb.js', budget: 5 },
  { file: 'otel.js', budget: 3.5 },
  // Of it, uPlot has 18: what a page that shows it has to load, on a phone in a full room.
  { file: 'dashboard.js', budget: 40 },
  { file: 'dashboard.cjs', budget: 40 },
  { file: 'dashboard-server.js', budget: 2 },
  { file: 'dashboard-server.cjs', budget: 2 },
];

const { values: given } = parseArgs({ options: { json: { type: 'string' }, functions: { type: 'string', default: '20' } } });
const files = FILES.map(measured);
const wasm = readFileSync('pkg/dist/core_bg.wasm');
const sources = roomsOf(await sourcesOf('index.js', wasm));
const crate = roomsOfCrate();
const over = files.filter(({ gzip, budget }) => gzip > budget * 1000);

table(['KB', 'raw', 'gzip', 'brotli', 'budget', 'goal'], files.map(({ file, raw, gzip, brotli, budget, goal }) => [file, ...[raw, gzip, brotli].map(kilo), budget, goal ?? '']));
table(['KB of index.js, minified', 'raw'], sources.map(({ room, bytes }) => [room, kilo(bytes)]));
table(['KB of core_bg.wasm, code', 'raw', 'functions'], crate.rooms.map(({ room, bytes, functions }) => [room, kilo(bytes), functions]));
table(['largest functions', 'raw'], crate.functions.slice(0, Number(given.functions)).map(({ name, bytes }) => [name, kilo(bytes)]));
if (given.json) writeFileSync(given.json, `${JSON.stringify({ files, sources, crate }, null, 2)}\n`);
for (const { file, gzip, budget } of over) console.error(`size: ${file} has ${kilo(gzip)} KB gzip, its budget is ${budget} KB`);
if (over.length > 0) process.exitCode = 1;

function measured({ file, budget, goal }) {
  const bytes = readFileSync(join('pkg/dist', file));
  const brotli = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }).length;
  return { file, raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, brotli, budget, goal };
}

/** By folder; what lies in none is a room of its own. */
function roomsOf(files) {
  const rooms = new Map();
  for (const { source, bytes } of files) {
    const room = roomOf(source);
    rooms.set(room, (rooms.get(room) ?? 0) + bytes);
  }
  return [...rooms].map(([room, bytes]) => ({ room, bytes })).sort((a, b) => b.bytes - a.bytes);
}

function roomOf(source) {
  if (source.startsWith('text:')) return 'the module as text';
  if (source.endsWith('core.js') && !source.startsWith('pkg-template')) return 'glue of wasm-bindgen';
  const folder = dirname(source).replace('pkg-template/', '');
  return folder === 'api' ? source.replace('pkg-template/', '') : `${folder}/`;
}

function kilo(bytes) {
  return (bytes / 1000).toFixed(1);
}

function table(head, rows) {
  const lines = [head, ...rows].map((line) => line.map(String));
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  for (const line of lines) console.log(line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column] + 2))).join(''));
  console.log();
}
