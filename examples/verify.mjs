// One call per key, one line per key, and a summary. Run by itself it checks the keys of the environment against the
// real APIs, and exits with 1 where a key does not work:
//
//   node --env-file=api-keys.env examples/verify.mjs
import { pathToFileURL } from 'node:url';

import { QuotaAwareAPI } from './package.mjs';

/**
 * Tests every key of an instance, one after the other.
 *
 * @param {QuotaAwareAPI} api
 * @param {{ log?: (line: string) => void, mark?: (ok: boolean) => string, model?: string }} [options] `model`: costs one small request of it per key
 * @returns {Promise<{ ok: number, of: number }>}
 */
export async function verify(api, { log = console.log, mark = (ok) => (ok ? '✓' : '✗'), model } = {}) {
  const { keys } = api.getStatus();
  const width = Math.max(...keys.map(({ id }) => id.length));
  let ok = 0;
  for (const [at, { id, hint }] of keys.entries()) {
    const result = await api.testKey(id, { model });
    if (result.ok) ok += 1;
    const outcome = `${result.status ?? 'no response'} ${result.verdict}`.padEnd(16);
    const rest = result.ok ? `${result.latencyMs} ms` : result.message;
    log(`${mark(result.ok)} Key ${at + 1}/${keys.length}  ${id.padEnd(width)}  ${hint.padEnd(4)}  ${outcome}  ${rest}`);
  }
  log(ok === keys.length ? `All ${keys.length} keys work.` : `${ok} of ${keys.length} keys work.`);
  return { ok, of: keys.length };
}

/** The same for the keys of the environment. Returns the exit code. */
export async function verifyEnvironment(env = process.env) {
  let api;
  try {
    api = QuotaAwareAPI.fromEnv(env);
  } catch (error) {
    if (error.code !== 'CONFIG_INVALID') throw error;
    console.error(`No key found: ${error.message}`);
    console.error('Copy examples/api-keys.env.example to api-keys.env, put your keys in, and run');
    console.error('  node --env-file=api-keys.env examples/verify.mjs');
    return 1;
  }
  try {
    const { ok, of } = await verify(api);
    return ok === of ? 0 : 1;
  } finally {
    api.close();
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.exitCode = await verifyEnvironment();
}
