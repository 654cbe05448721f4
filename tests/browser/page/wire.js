// What the test of the wire drives: one call to a server of another origin, and what came of it.
import { QuotaAwareAPI } from '/dist/index.js';

const KEY = 'fake-page-key-one';

/** A call by an engine that may send its key to this origin. */
async function call(origin, path, init) {
  const api = new QuotaAwareAPI([KEY, 'fake-page-key-two'], { allowedOrigins: [origin], backoff: { base: 0, max: 1 } });
  return api.call(origin + path, init).then(
    async (response) => ({ status: response.status, type: response.type, text: await response.text() }),
    (error) => ({ code: error.code, attempts: error.attempts?.length, message: error.message, health: api.getStatus().keys.map(({ health }) => health) }),
  );
}

/** The same by hand, with a key header. */
async function plain(origin, path, init) {
  return fetch(origin + path, init).then(async (response) => ({ status: response.status, text: await response.text() }), (error) => ({ error: error.name }));
}

/** Bodies of every form, each refused once. */
async function bodies(origin, path) {
  const bytes = Uint8Array.from({ length: 5000 }, (_, at) => at % 256);
  const forms = [
    'text', bytes.buffer, bytes, new DataView(bytes.buffer, 3, 999), new Blob([bytes]), new File([bytes], 'a.bin'), new URLSearchParams({ a: 'b c' }),
  ];
  const statuses = [];
  for (const body of forms) statuses.push((await call(origin, path, { method: 'POST', body })).status);
  const api = new QuotaAwareAPI([KEY, 'fake-page-key-two'], { allowedOrigins: [origin], backoff: { base: 0, max: 1 } });
  statuses.push((await api.call(new Request(origin + path, { method: 'POST', body: bytes }))).status);
  return statuses;
}

/** Everything that shows an object to people and to programs. */
async function shown() {
  const api = new QuotaAwareAPI([KEY]);
  console.log(api);
  console.dir(api, { depth: null });
  const cloned = (() => { try { return JSON.stringify(structuredClone(api)); } catch (error) { return error.message; } })();
  return [JSON.stringify(api), String(api), cloned, JSON.stringify(Object.getOwnPropertyDescriptors(api)), JSON.stringify(api.getStatus()), JSON.stringify(api.getStats())].join();
}

window.wire = { call, plain, bodies, shown };
