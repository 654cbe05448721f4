// Many calls under way at once, over many keys: what one costs must not depend on how many there are.
import { held } from './stub.mjs';

const SIZES = [1_000, 10_000, 20_000];
const KEYS = Array.from({ length: 100 }, (_, at) => ({ key: `AIzaFakeCrowd${String(at).padStart(26, '0')}`, project: `project-${at}` }));
const ENDPOINT = 'https://generativelanguage.googleapis.com/v1beta/models/gemini-flash-lite-latest:generateContent';
const INIT = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"contents":[{"parts":[{"text":"Why is the sky blue?"}]}]}' };

/** @returns rows of `{ size, least }`, microseconds a call from its beginning to its answer */
export async function crowd({ QuotaAwareAPI }, rounds) {
  const { stub, answer } = held();
  const api = new QuotaAwareAPI(KEYS, { fetch: stub, limits: { rpm: 1e7, tpm: 1e9, rpd: 1e8, concurrency: 1e5 } });
  const least = new Map(SIZES.map((size) => [size, Infinity]));
  for (let round = 0; round < rounds; round += 1) {
    for (const size of SIZES) {
      const began = performance.now();
      const all = Promise.all(Array.from({ length: size }, () => api.call(ENDPOINT, INIT)));
      answer();
      await all;
      least.set(size, Math.min(least.get(size), (performance.now() - began) * 1_000 / size));
    }
  }
  api.close();
  return [...least].map(([size, us]) => ({ size, least: us }));
}
