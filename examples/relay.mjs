// A relay in sixty lines: programs in any language, and pages, call it instead of the provider. The keys stay here.
//
//   node --env-file=api-keys.env examples/relay.mjs
//   curl http://127.0.0.1:8787/v1beta/models/gemini-flash-lite-latest:generateContent \
//     -H 'content-type: application/json' -H 'x-quota-session: anna' -d '{"contents":[{"parts":[{"text":"Hi"}]}]}'
//
// From Python it is `requests.post(url, json=…)`. It listens on this machine only, since whoever reaches it spends your
// quota. Put a server with authentication in front before others may. Pages of other origins may not call it, but for one that
// ALLOW_ORIGIN names: ALLOW_ORIGIN=http://127.0.0.1:4173 node --env-file=api-keys.env examples/relay.mjs
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { QuotaAwareAPI } from './package.mjs';

const MOST_BYTES = 20 * 1024 * 1024; // what Gemini takes inline
const upstream = process.env.UPSTREAM ?? 'https://generativelanguage.googleapis.com';
const page = process.env.ALLOW_ORIGIN;
const api = QuotaAwareAPI.fromEnv(process.env, { provider: 'gemini', baseURL: upstream });

const server = createServer(async (request, response) => {
  try {
    if (page) {
      response.setHeaders(new Map([['access-control-allow-origin', page], ['access-control-expose-headers', 'retry-after']]));
      if (request.method === 'OPTIONS') {
        // What a page's own QuotaAwareAPI sends: its key is a word that stands for ours.
        response.writeHead(204, { 'access-control-allow-headers': 'content-type, x-goog-api-key, x-quota-session' });
        return response.end();
      }
    }
    const headers = { 'content-type': request.headers['content-type'] ?? 'application/json' };
    // The session makes waiting calls of one person count together; it is taken off before anything is sent.
    if (request.headers['x-quota-session']) headers['x-quota-session'] = request.headers['x-quota-session'];
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const body = request.method === 'POST' ? await read(request) : undefined;
    // `fetch`, not `call`: when no key has quota it answers as the provider would, with 429 and Retry-After.
    const answer = await api.fetch(request.url, { method: request.method, headers, body, signal: gone.signal });
    response.writeHead(answer.status, pick(answer.headers, ['content-type', 'retry-after']));
    await pipeline(answer.body ? Readable.fromWeb(answer.body) : Readable.from([]), response);
  } catch (error) {
    if (response.headersSent || response.destroyed) return response.destroy();
    response.writeHead(error.status ?? 502, { 'content-type': 'application/json' });
    response.end(JSON.stringify(error.toJSON?.() ?? { success: false, message: error.message, error: 'RELAY', data: null }));
  }
});

server.listen(Number(process.env.PORT ?? 8787), '127.0.0.1', () => console.log(`relay: http://127.0.0.1:${server.address().port}`));

async function read(request) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw Object.assign(new Error(`the body is larger than ${MOST_BYTES} bytes`), { status: 413 });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function pick(headers, names) {
  return Object.fromEntries(names.filter((name) => headers.has(name)).map((name) => [name, headers.get(name)]));
}
