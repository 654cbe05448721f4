// The provider that every row calls, and what must have come of it on both sides.
import assert from 'node:assert/strict';
import { createMockServer } from '../built.js';

const ANSWER = 'Every one that there is: in pages, in workers, on servers and on the edge. '.repeat(3).trim();

/** Two projects, one key each; the first has used up its minute. The fifth request would be answered in a minute. */
export async function startEmulator() {
  const projects = ['fake-matrix-one', 'fake-matrix-two'].map((key) => ({ keys: [key], models: { '*': { rpm: 20 } } }));
  const server = await createMockServer({ latency: 0, chunkDelay: 20, projects, answer: () => ANSWER });
  server.provider.exhaust('project-1', 'minute');
  server.provider.script([{ ok: true }, { ok: true }, { ok: true }, { ok: true }, { delay: 60_000 }]);
  return server;
}

/** Throws where what the scenario saw, or what has reached the emulator, is not as it must be. */
export function judge(seen, { provider }) {
  assert.deepEqual(seen, {
    keys: 2,
    status: 200,
    attempts: ['key-1 rate-limited', 'key-2 ok'],
    answer: ANSWER,
    streamed: { text: ANSWER, inPieces: true },
    abortedInside: 'AbortError',
    abortedWaiting: 'AbortError',
    refused: 'ORIGIN_NOT_ALLOWED',
  });
  const arrived = provider.log.map(({ key, reason }) => `${key} ${reason}`);
  // On a busy machine the last caller may have left before the request arrived.
  if (arrived.length === 4) arrived.push('key-2 ok');
  assert.deepEqual(arrived, ['key-1 rpm', ...Array(4).fill('key-2 ok')]);
}
