// The relay example, from Python: another language behind the same keys, counts and waits (W34).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { createMockServer } from './support.js';

const root = join(import.meta.dirname, '../..');
const KEYS = ['fake-relay-key-one', 'fake-relay-key-two'];

/** Calls as the setup guide shows it, by the standard library: status, Retry-After and body on a line each. */
const PYTHON = `
import json, sys, urllib.error, urllib.request
request = urllib.request.Request(sys.argv[1], method="POST", data=json.dumps({"contents": [{"parts": [{"text": sys.argv[2]}]}]}).encode(),
    headers={"content-type": "application/json", "x-quota-session": "anna"})
try:
    answer = urllib.request.urlopen(request, timeout=30)
except urllib.error.HTTPError as error:
    answer = error
print(answer.status); print(answer.headers.get("retry-after")); print(answer.read().decode())
`;

async function python(url, text) {
  const child = spawn('python3', ['-c', PYTHON, url, text], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  child.stdout.on('data', (piece) => { printed += piece; });
  const [code] = await once(child, 'close');
  assert.equal(code, 0);
  const [status, retryAfter, ...body] = printed.split('\n');
  return { status: Number(status), retryAfter: Number(retryAfter), body: body.join('\n') };
}

/** Where a model's answers come from, through a relay with these variables. */
async function relay(t, variables) {
  const env = { PATH: process.env.PATH, GEMINI_KEY_1: KEYS[0], GEMINI_KEY_2: KEYS[1], PORT: '0', ...variables };
  const started = spawn(process.execPath, ['examples/relay.mjs'], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => started.kill());
  const [line] = await once(createInterface(started.stdout), 'line');
  return `${line.replace('relay: ', '')}/v1beta/models/gemini-3.5-flash-lite:generateContent`;
}

test('a Python program is served through the relay, over both keys, and told until when there is no more', { timeout: 60_000 }, async (t) => {
  const projects = KEYS.map((key, at) => ({ id: `project-${at}`, keys: [key], models: { 'gemini-3.5-flash-lite': { rpd: 1 } } }));
  const upstream = await createMockServer({ projects, latency: 1 });
  t.after(() => upstream.close());
  const url = await relay(t, { UPSTREAM: upstream.url });

  for (const text of ['Grüße aus dem Norden', 'second']) {
    const { status, body } = await python(url, text);
    assert.equal(status, 200);
    assert.ok(JSON.parse(body).candidates[0].content.parts[0].text.includes(text), body);
  }
  const served = upstream.provider.state().keys.map(({ served }) => served);
  assert.deepEqual(served, [1, 1], 'one call with each key');

  const refused = await python(url, 'third');
  assert.equal(refused.status, 429);
  assert.ok(refused.retryAfter > 0 && refused.retryAfter <= 86_400, `Retry-After: ${refused.retryAfter}`);
  assert.ok(!KEYS.some((key) => refused.body.includes(key)));
});

test('a page is let in where its origin is named, and no other', { timeout: 60_000 }, async (t) => {
  const upstream = await createMockServer({ projects: [{ id: 'project', keys: KEYS }], latency: 1 });
  t.after(() => upstream.close());
  const origin = 'http://127.0.0.1:4173';
  // What a browser asks before it sends what the page's own QuotaAwareAPI wants to send.
  const preflight = { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type,x-goog-api-key,x-quota-session' } };
  const open = await relay(t, { UPSTREAM: upstream.url, ALLOW_ORIGIN: origin });
  const asked = await fetch(open, preflight);
  assert.deepEqual([asked.status, asked.headers.get('access-control-allow-origin')], [204, origin]);
  assert.deepEqual(asked.headers.get('access-control-allow-headers').split(', '), ['content-type', 'x-goog-api-key', 'x-quota-session']);
  const body = JSON.stringify({ contents: [{ parts: [{ text: 'Hi' }] }] });
  const answer = await fetch(open, { method: 'POST', headers: { origin, 'content-type': 'application/json', 'x-goog-api-key': 'kept-by-the-server' }, body });
  assert.deepEqual([answer.status, answer.headers.get('access-control-allow-origin'), answer.headers.get('access-control-expose-headers')], [200, origin, 'retry-after']);

  const shut = await fetch(await relay(t, { UPSTREAM: upstream.url }), preflight);
  assert.equal(shut.headers.get('access-control-allow-origin'), null);
});
