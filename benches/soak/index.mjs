// A long run, and what memory it leaves behind: a million calls, a tenth of them aborted, 10,000 instances closed and 10,000
// forgotten, 100 threads. Fails where a round leaves more behind than noise. Then what it costs to pass streams on.
//
//   npm run soak -- [--calls 1000000] [--instances 10000] [--workers 100] [--pkg folder]
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { measured, slope } from './gauge.mjs';
import * as rounds from './rounds.mjs';
import { firstByte, flatness } from './streams.mjs';

const { values: given } = parseArgs({
  options: {
    calls: { type: 'string', default: '1000000' },
    instances: { type: 'string', default: '10000' },
    workers: { type: 'string', default: '100' },
    pkg: { type: 'string', default: join(import.meta.dirname, '../../pkg') },
  },
});
const index = pathToFileURL(join(resolve(given.pkg), 'dist/index.js')).href;
const { QuotaAwareAPI } = await import(index);

const plan = { calls: Number(given.calls), closed: Number(given.instances), dropped: Number(given.instances), workers: Number(given.workers) };
console.log(['round', 'MB of', 'start', '1/4', '1/2', '3/4', 'end', 'bytes an item', 'at most'].map(column).join(''));
for (const [name, total] of Object.entries(plan)) await soak(name, total);
await firstByte({ QuotaAwareAPI });
await flatness({ QuotaAwareAPI }, 100e6);

async function soak(name, total) {
  const { run, close, batch, most } = rounds[name]({ QuotaAwareAPI, index });
  const began = performance.now();
  const marks = await measured(total, batch, run);
  close();
  for (const of of ['heap', 'wasm', 'rss']) {
    const left = slope(marks, of, total);
    const isOver = left > (most[of] ?? Infinity);
    console.log([name, of, ...marks.map((mark) => (mark[of] / 1e6).toFixed(2)), left.toFixed(2), most[of] ?? '', isOver ? 'LEAKS' : ''].map(column).join(''));
    if (isOver) process.exitCode = 1;
  }
  console.log(`${total} ${name} in ${((performance.now() - began) / 1000).toFixed(1)} s`);
}

function column(value, at) {
  return at < 2 ? String(value).padEnd(9) : String(value).padStart(at < 7 ? 9 : 15);
}
