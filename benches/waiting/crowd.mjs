// One case in a process of its own: many calls come and wait, all of them leave, and the same again and again.

import assert from 'node:assert/strict';
import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

/** Two crowds at a time: what a call costs is what the second adds, so that neither pages nor first times are in it. */
const CROWD = 10_000;
/** Whoever comes second finds the gaps that others left, not all of which fit: what is kept is told by the last. */
const ROUNDS = 4;
/** Callers' signals are shared: what an AbortController takes is not ours. */
const CALLS_OF_A_SIGNAL = 1_000;
const RPM = 10;
const ENDPOINT = 'https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:generateContent';
const BODY = JSON.stringify({ contents: [{ parts: [{ text: 'May I ask?' }] }] });
const HEADERS = { 'content-type': 'application/json' };
const FAR = 2 ** 31 - 1;

// Before the package is there: it starts its module at the first use, and shows its memory to nobody.
let memory;
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(module, imports) {
    super(module, imports);
    memory = this.exports.memory;
  }
};

process.once('message', async ({ pkg, ...scene }) => {
  const { QuotaAwareAPI } = await import(pathToFileURL(join(pkg, 'dist/index.js')).href);
  const rounds = [];
  for (let n = 0; n < ROUNDS; n += 1) rounds.push(await round(QuotaAwareAPI, scene));
  const [{ half, full }] = rounds;
  const [before, after] = rounds.slice(-2).map(({ empty }) => empty);
  process.send({
    wasm: (full.wasm - half.wasm) / CROWD, heap: (full.heap - half.heap) / CROWD,
    wasmKept: (after.wasm - before.wasm) / (2 * CROWD), heapKept: (after.heap - before.heap) / (2 * CROWD),
  });
  process.disconnect();
});

async function round(QuotaAwareAPI, { people, signals }) {
  // Time stands still, so nobody's turn comes.
  const api = new QuotaAwareAPI([{ key: 'AIzaFAKE-for-a-bench', limits: { rpm: RPM } }], {
    now: () => 1_772_452_800_000, fetch: async () => new Response('{}'),
    deadline: FAR, queue: { maxSize: 2 * CROWD, maxWait: FAR },
  });
  const ask = (init) => api.call(ENDPOINT, { method: 'POST', headers: HEADERS, body: BODY, ...init });
  await Promise.all(Array.from({ length: RPM }, () => ask()));

  let left = 0;
  const controllers = Array.from({ length: 2 * CROWD / CALLS_OF_A_SIGNAL }, () => new AbortController());
  controllers.forEach(({ signal }) => setMaxListeners(0, signal));
  const come = (from) => {
    for (let n = from; n < from + CROWD; n += 1) {
      const quota = people > 0 ? { session: `person-${n % people}` } : undefined;
      const signal = signals ? controllers[Math.floor(n / CALLS_OF_A_SIGNAL)].signal : undefined;
      ask({ quota, signal }).catch(() => { left += 1; });
    }
  };
  come(0);
  const half = await footprint();
  come(CROWD);
  const full = await footprint();
  assert.equal(left, 0, 'a call that was to wait has ended');
  if (signals) controllers.forEach((controller) => controller.abort());
  else api.close();
  await turn();
  assert.equal(left, 2 * CROWD, 'a call that was given up still waits');
  api.close();
  return { half, full, empty: await footprint() };
}

async function footprint() {
  // What finalizers and microtasks let go of is garbage only afterwards.
  for (let n = 0; n < 4; n += 1) {
    await turn();
    gc();
  }
  return { wasm: memory.buffer.byteLength, heap: process.memoryUsage().heapUsed };
}
