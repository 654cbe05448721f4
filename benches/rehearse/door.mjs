// What all participants go through: one QuotaAwareAPI behind HTTP, as the relay of the examples is, and a page to sit in front of.
import { createServer } from 'node:http';
import { QuotaAwareAPI } from '../../pkg/dist/index.js';
import { MINUTE, PROJECTS, optionsOf } from './day.mjs';

/** `waits`: of each answered call, milliseconds until the send that was answered. `errors`: how many, by code. */
export async function openDoor({ upstream, speed, shift, onEvent }) {
  const waits = [];
  const errors = {};
  // It knows its minutes, as everybody can who has read them; that a day ends and a key dies it has to find out.
  const api = new QuotaAwareAPI(PROJECTS.map(({ id, key, rpm }) => ({ id, key, project: id, limits: { rpm } })), {
    ...optionsOf(speed), provider: 'gemini', baseURL: upstream, resetInterval: MINUTE / speed, now: () => Date.now() + shift,
  });
  for (const name of ['key-down', 'key-restored', 'all-keys-down', 'service-restored']) api.addEventListener(name, ({ detail }) => onEvent(name, detail));

  const server = createServer(async (request, response) => {
    if (request.method === 'GET') return response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Exercise</title>');
    let body = '';
    for await (const piece of request) body += piece;
    try {
      const quota = { session: request.headers['x-quota-session'], explain: true };
      const answer = await api.call(request.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body, quota });
      const text = await answer.text();
      if (answer.ok) waits.push(waitOf(answer.quota.trace));
      else count(errors, `HTTP ${answer.status}`);
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
    } catch (error) {
      count(errors, error.code);
      response.writeHead(429).end();
    }
  });
  await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const close = () => {
    api.close();
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${server.address().port}`, waits, errors, close };
}

/** As a plan counts it: from the question to the send that was answered, refused attempts and all. */
function waitOf({ began, steps }) {
  return steps.findLast(({ step }) => step === 'sent').at - began;
}

function count(counts, name) {
  counts[name] = (counts[name] ?? 0) + 1;
}
