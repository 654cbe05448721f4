// What one project made is there for that project alone: calls that name it go to its owner, wait for it, and say so.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createMockProvider } from '../built.js';
import { QuotaAwareAPI, assertIdle, clock, refusal, refused, served, turn, watched } from './support.js';

const GEMINI = 'https://generativelanguage.googleapis.com';
const OPENAI = 'https://api.openai.com/v1';

/** Three projects of a provider with one key each, and the emulator behind them. */
function room(t, provider = 'gemini', { keys = 1, ...options } = {}, world = {}) {
  const projects = ['ada', 'bea', 'cy'].map((id) => ({ id, provider, keys: Array.from({ length: keys }, (_, n) => `fake-${id}-${n}`) }));
  const mock = createMockProvider({ latency: 0, chunkDelay: 0, projects, ...world });
  const given = projects.flatMap(({ id, keys: own }) => own.map((key) => ({ key, project: id, id: key.slice(5) })));
  const open = (more = {}) => {
    const api = new QuotaAwareAPI(given, { provider, fetch: mock.fetch, ...options, ...more });
    t.after(() => api.close());
    return api;
  };
  return { mock, open, api: open(), served: (from = 0) => mock.log.slice(from).map(({ project, status }) => `${project} ${status}`) };
}

/** Uploads to Gemini as its SDK does: a beginning, and the bytes in two parts at the address that it was given. */
async function upload(api, quota) {
  const begun = await api.call(`${GEMINI}/upload/v1beta/files`, {
    method: 'POST', body: JSON.stringify({ file: { displayName: 'Notes' } }), quota,
    headers: { 'x-goog-upload-protocol': 'resumable', 'x-goog-upload-command': 'start', 'content-type': 'application/json' },
  });
  const url = begun.headers.get('x-goog-upload-url');
  const send = (body, offset, command) => api.call(url, { method: 'POST', body, headers: { 'x-goog-upload-command': command, 'x-goog-upload-offset': String(offset) } });
  await send('hello ', 0, 'upload');
  return (await (await send('world', 6, 'upload, finalize')).json()).file;
}

const about = (...files) => ({ method: 'POST', body: JSON.stringify({ contents: [{ parts: [{ text: 'What?' }, ...files.map((file) => ({ fileData: { fileUri: file.uri, mimeType: 'text/plain' } }))] }] }) });
const ask = (api, init, quota) => api.call(`${GEMINI}/v1beta/models/gemini-fake:generateContent`, { ...init, quota });

/** A `fetch` of projects whose things are known by their key alone: `{ handle: key }`. What it is asked goes into `log`. */
function keeper(things, missing) {
  const log = [];
  const fetch = async (url, init) => {
    const key = init.headers['x-goog-api-key'] ?? init.headers.authorization?.slice(7) ?? init.headers['x-api-key'];
    const path = new URL(url).pathname;
    log.push(`${key} ${init.method ?? 'GET'} ${path}`);
    const made = things.make?.[`${init.method} ${path}`];
    if (made !== undefined) {
      const document = made(key);
      things.owned[document.name ?? document.id] = key;
      return served(document);
    }
    const asked = Object.keys(things.owned).find((handle) => path.includes(handle) || String(init.body).includes(`"${handle}"`));
    const wanted = /(?:cachedContents|tunedModels)\/\w+|(?:resp|vs|thread|batch)_\w+|file[-_]\w+/.exec(`${path} ${init.body}`)?.[0];
    if (wanted !== undefined && (asked === undefined || things.owned[asked] !== key)) return missing(wanted);
    return served({ ok: true });
  };
  return { fetch, log };
}

describe('a file of Gemini', () => {
  test('is uploaded in parts with one project’s key, and asked about with its keys only, whosever turn it is', async (t) => {
    for (const strategy of ['round-robin', 'failover', 'least-loaded', 'weighted', 'priority', 'assigned']) {
      const { api, served: log } = room(t, 'gemini', { strategy, keys: 2 });
      const files = [];
      for (let n = 0; n < 3; n += 1) files.push(await upload(api));
      for (const file of [...files, ...files]) assert.equal((await ask(api, about(file))).status, 200);
      for (const { name } of files) assert.equal((await api.call(`${GEMINI}/v1beta/${name}`)).status, 200);
      assert.ok(log().every((line) => line.endsWith(' 200')), log().join());
      assert.ok(strategy !== 'round-robin' || new Set(log().map((line) => line.split(' ')[0])).size === 3, 'others go on taking turns');
    }
  });

  test('is learned from text(), from a list and from being looked at, too', async (t) => {
    for (const learn of [(response) => response.text(), (response) => response.json()]) {
      const { api, open, mock, served: log } = room(t);
      const file = await upload(api);
      const other = open();
      await learn(await other.call(`${GEMINI}/v1beta/files`, { quota: { project: 'ada' } }));
      const from = mock.log.length;
      for (let n = 0; n < 3; n += 1) assert.equal((await ask(other, about(file))).status, 200);
      assert.deepEqual(log(from), Array(3).fill('ada 200'));
    }
  });

  test('in any spelling of a body, and in bytes; in words of a prompt it is none', async (t) => {
    const { api, mock, served: log } = room(t);
    const file = await upload(api);
    const bodies = [
      { contents: [{ parts: [{ file_data: { file_uri: file.uri } }] }] },
      { contents: [{ parts: [{ fileData: { fileUri: file.name } }] }] },
    ].map((body) => JSON.stringify(body));
    bodies.push(bodies[0].replaceAll('/', '\\/'), new TextEncoder().encode(bodies[0]), new TextEncoder().encode(bodies[0]).buffer);
    const from = mock.log.length;
    for (const body of bodies) await ask(api, { method: 'POST', body });
    assert.deepEqual(new Set(log(from)).size, 1, 'one key');
    const words = JSON.stringify({ contents: [{ parts: [{ text: `See "fileUri": "${file.uri}" and "cachedContent": "cachedContents/x".` }] }] });
    const before = mock.log.length;
    for (let n = 0; n < 3; n += 1) await ask(api, { method: 'POST', body: words });
    assert.equal(new Set(log(before)).size, 3, 'three keys take turns');
  });

  test('at either end of a long body', async (t) => {
    const { api, mock, served: log } = room(t);
    const file = await upload(api);
    const long = { inlineData: { mimeType: 'image/png', data: 'QUJD'.repeat(600_000) } };
    const named = { fileData: { fileUri: file.uri } };
    const from = mock.log.length;
    for (const parts of [[named, long], [long, named], [named, long], [long, named]]) await ask(api, { method: 'POST', body: JSON.stringify({ contents: [{ parts }] }) });
    assert.deepEqual(log(from), Array(4).fill('ada 200'));
  });

  test('whose project has no quota is waited for, though others have some; the status says for whom', async (t) => {
    const { now, pass } = clock(t);
    const log = [];
    const fetch = async (url, init) => {
      log.push(init.headers['x-goog-api-key']);
      return url.endsWith('/files/abc') ? served({ name: 'files/abc' }) : served();
    };
    const api = new QuotaAwareAPI([{ key: 'fake-one', project: 'ada' }, { key: 'fake-two', project: 'bea' }], { fetch, now, limits: { rpm: 1 }, queue: { maxWait: 300_000 }, deadline: 600_000 });
    t.after(() => api.close());
    const file = await (await api.call(`${GEMINI}/v1beta/files/abc`)).json();
    assert.deepEqual(file, { name: 'files/abc' });
    const one = { uri: `${GEMINI}/v1beta/files/abc` };
    await ask(api, about(one));
    const waits = watched(ask(api, about(one), { explain: true }));
    await ask(api, about());
    await turn();
    const [call] = api.getStatus().queue.calls;
    assert.deepEqual([waits.state, call.project, call.limit.project, log], ['pending', 'ada', 'ada', ['fake-one', 'fake-one', 'fake-two']]);
    await pass(62_000);
    assert.deepEqual([waits.state, log.at(-1)], ['resolved', 'fake-one']);
    assert.deepEqual(waits.value.quota.trace.steps[0], { step: 'only', at: waits.value.quota.trace.steps[0].at, project: 'ada', reason: 'it owns the file' });
    await assert.rejects(ask(api, about(one), { deadline: 10_000 }), (error) => refusal('DEADLINE', /Only project "ada" may serve it: it owns the file\.$/)(error) && error.owner.project === 'ada');
    assertIdle(api);
  });

  test('whose project is out for the day is told with the project, the kind and the time, and never with its name', async (t) => {
    const { api, mock } = room(t);
    const file = await upload(api);
    mock.exhaust('ada', 'day');
    for (const _ of [1, 2]) {
      await assert.rejects(ask(api, about(file)), (error) => {
        refusal('OWNER_UNAVAILABLE', /^Only project "ada" can serve the call, because it owns the file, and its quota is used up/)(error);
        assert.deepEqual(error.owner, { project: 'ada', kind: 'file' });
        assert.ok(error.retryAfter > 60_000 && /Wait .* or make the file anew/.test(error.advice), error.advice);
        assert.ok(!JSON.stringify([error.message, error.toReport(), error.toJSON()]).includes(file.name.slice(6)));
        return true;
      });
    }
    const response = await api.fetch(`${GEMINI}/v1beta/models/gemini-fake:generateContent`, about(file));
    assert.deepEqual([response.status, Number(response.headers.get('retry-after')) > 60], [429, true], 'SDKs are told to come back');
    assert.equal((await ask(api, about())).status, 200, 'others are served');
  });

  test('whose key is refused or gone is told so; the same key again, and it is served', async (t) => {
    const { api, mock } = room(t, 'gemini', { backoff: { base: 0 } });
    const file = await upload(api);
    api.removeKey('ada-0');
    await assert.rejects(ask(api, about(file)), refusal('OWNER_UNAVAILABLE', /it has no key any more \(0 keys, 0 attempts\)/));
    api.addKey({ key: 'fake-ada-0', project: 'ada', id: 'ada-0' });
    assert.equal((await ask(api, about(file))).status, 200);
    mock.script([{ status: 400, body: { error: { code: 400, message: 'API key not valid. Please pass a valid API key.', status: 'INVALID_ARGUMENT', details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID', domain: 'googleapis.com' }] } } }]);
    await assert.rejects(ask(api, about(file)), (error) => refusal('OWNER_UNAVAILABLE', /none of its keys is accepted/)(error) && /^Give project "ada" a key that works/.test(error.advice));
  });

  test('a key’s own project comes back with the key', async (t) => {
    const { mock } = room(t);
    const api = new QuotaAwareAPI(['fake-ada-0', 'fake-bea-0'], { provider: 'gemini', fetch: mock.fetch });
    t.after(() => api.close());
    const file = await upload(api);
    api.removeKey('key-1');
    await assert.rejects(ask(api, about(file)), { code: 'OWNER_UNAVAILABLE', owner: { project: 'key-1', kind: 'file' } });
    api.addKey({ key: 'fake-ada-0', id: 'key-1' });
    assert.equal((await ask(api, about(file))).status, 200);
  });

  test('and one of another project in one call are refused at once, by the names of both projects', async (t) => {
    const { api, mock } = room(t);
    const [one, other] = [await upload(api, { project: 'ada' }), await upload(api, { project: 'bea' })];
    const before = mock.log.length;
    await assert.rejects(ask(api, about(one, other)), refusal('OWNERS_DIFFER', /needs a file of project "ada" and a file of project "bea"/));
    assert.equal(mock.log.length, before);
    assert.equal((await ask(api, about(one, one))).status, 200);
    assert.equal((await ask(api, about(one, { uri: 'https://example.com/files/b.pdf' }))).status, 200, 'what lies elsewhere is nobody’s');
    assertIdle(api);
  });

  test('that is deleted is forgotten, and so is one that its owner has no more', async (t) => {
    const { api, open, mock, served: log } = room(t);
    const [one, two] = [await upload(api, { project: 'bea' }), await upload(api, { project: 'bea' })];
    assert.equal((await api.call(`${GEMINI}/v1beta/${one.name}`, { method: 'DELETE' })).status, 200);
    assert.equal((await open().call(`${GEMINI}/v1beta/${two.name}`, { method: 'DELETE', quota: { project: 'bea' } })).status, 200);
    let from = mock.log.length;
    assert.equal((await ask(api, about(two))).status, 403);
    assert.deepEqual(log(from), ['bea 403'], 'its owner says so');
    from = mock.log.length;
    for (const gone of [one, two]) assert.equal((await ask(api, about(gone))).status, 403);
    assert.equal(log(from).length, 6, 'nobody’s now: all are asked');
  });

  test('is forgotten after 48 hours', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.UTC(2026, 9, 7, 12) });
    const { api, mock, served: log } = room(t);
    const file = await upload(api, { project: 'cy' });
    t.mock.timers.tick(48 * 3_600_000 - 1);
    await ask(api, about(file), { explain: true }).then(({ quota }) => assert.equal(quota.trace.steps[0].step, 'only'));
    t.mock.timers.tick(48 * 3_600_000);
    const from = mock.log.length;
    const { quota } = await ask(api, about(file), { explain: true });
    assert.ok(quota.trace.steps[0].step !== 'only' || log(from).length > 1);
  });
});

describe('what nobody knows', () => {
  test('is asked for, project by project, and known from then on', async (t) => {
    const { api, open, mock, served: log } = room(t);
    const file = await upload(api, { project: 'cy' });
    for (const first of [(one) => ask(one, about(file)), (one) => one.call(`${GEMINI}/v1beta/${file.name}`)]) {
      const restarted = open();
      const from = mock.log.length;
      assert.equal((await first(restarted)).status, 200);
      assert.deepEqual(log(from), ['ada 403', 'bea 403', 'cy 200']);
      for (let n = 0; n < 3; n += 1) assert.equal((await ask(restarted, about(file))).status, 200);
      assert.deepEqual(log(from + 3), Array(3).fill('cy 200'));
      assert.ok(restarted.getStatus().keys.every(({ health }) => health === 'available'), 'no key is blamed');
      assertIdle(restarted);
    }
  });

  test('and nobody has is the provider’s own refusal, unread, and for a minute nobody is asked again', async (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: Date.UTC(2026, 9, 7, 12) });
    const { api, mock } = room(t);
    const asked = async () => {
      const from = mock.log.length;
      const response = await api.call(`${GEMINI}/v1beta/files/nope`);
      return [response.status, (await response.json()).error.message, mock.log.length - from];
    };
    const words = 'You do not have permission to access the File nope or it may not exist.';
    assert.deepEqual(await asked(), [403, words, 3]);
    assert.deepEqual(await asked(), [403, words, 1]);
    t.mock.timers.tick(60_001);
    assert.deepEqual(await asked(), [403, words, 3]);
  });

  test('is not asked for where the caller wants one attempt, names a project, or cannot send twice', async (t) => {
    const { api, open, mock, served: log } = room(t);
    const file = await upload(api, { project: 'cy' });
    const stream = () => new ReadableStream({ start(controller) { controller.enqueue(new TextEncoder().encode('{}')); controller.close(); } });
    for (const [init, quota] of [[{}, { maxRetries: 1 }], [{}, { project: 'ada' }], [{ method: 'POST', body: stream(), duplex: 'half' }, undefined]]) {
      const from = mock.log.length;
      await open().call(`${GEMINI}/v1beta/${file.name}`, { ...init, quota }).catch(() => {});
      assert.equal(log(from).length, 1, JSON.stringify(quota));
    }
  });

  test('is asked for by refusals about it only', async (t) => {
    const { api, mock, served: log } = room(t);
    const file = { uri: `${GEMINI}/v1beta/files/nope` };
    mock.script([{ status: 400, body: { error: { code: 400, message: 'Please use a valid role: user, model.', status: 'INVALID_ARGUMENT' } } }]);
    assert.equal((await ask(api, about(file))).status, 400);
    assert.equal(log().length, 1);
  });

  test('is not asked for of a project that cannot serve, nor after the caller has left', async (t) => {
    const { api, open, mock, served: log } = room(t);
    const file = await upload(api, { project: 'cy' });
    const busy = open();
    mock.exhaust('bea', 'day');
    await busy.call(`${GEMINI}/v1beta/models/gemini-fake:generateContent`, { ...about(), quota: { project: 'bea' } }).catch(() => {});
    let from = mock.log.length;
    assert.equal((await ask(busy, about(file))).status, 200);
    assert.deepEqual(log(from), ['ada 403', 'cy 200']);
    const patience = new AbortController();
    from = mock.log.length;
    const leaving = open({ fetch: async (...given) => { const response = await mock.fetch(...given); patience.abort(); return response; } });
    await assert.rejects(ask(leaving, { ...about(file), signal: patience.signal }), { name: 'AbortError' });
    assert.equal(log(from).length, 1);
    assertIdle(leaving);
  });
});

describe('what others keep', () => {
  for (const [provider, base, header] of [['openai', OPENAI], ['groq', 'https://api.groq.com/openai/v1'], ['anthropic', 'https://api.anthropic.com/v1']]) {
    test(`a file of ${provider} is seen by its project, in a URL and in a body`, async (t) => {
      const { api, open, mock, served: log } = room(t, provider);
      const headers = { 'anthropic-version': '2023-06-01' };
      const form = new FormData();
      form.append('file', new Blob(['hello'], { type: 'text/plain' }), 'notes.txt');
      form.append('purpose', 'user_data');
      const { id } = await (await api.call(`${base}/files`, { method: 'POST', headers, body: form })).json();
      const source = provider === 'anthropic' ? { type: 'document', source: { type: 'file', file_id: id } } : { type: 'file', file: { file_id: id } };
      const body = JSON.stringify({ model: 'fake-model', max_tokens: 50, messages: [{ role: 'user', content: [{ type: 'text', text: 'What?' }, source] }] });
      const question = (client) => client.call(`${base}/${provider === 'anthropic' ? 'messages' : 'chat/completions'}`, { method: 'POST', body, headers: { ...headers, 'content-type': 'application/json' } });
      for (let n = 0; n < 3; n += 1) {
        assert.equal((await api.call(`${base}/files/${id}`, { headers })).status, 200);
        assert.equal((await question(api)).status, 200);
      }
      assert.deepEqual(new Set(log()), new Set(['ada 200']));
      const restarted = open({ strategy: 'failover' });
      restarted.switchToKey('bea-0');
      const from = mock.log.length;
      assert.equal((await question(restarted)).status, 200);
      assert.deepEqual(log(from), ['bea 404', 'ada 200']);
    });
  }

  const cases = {
    'a cache of Gemini': {
      make: [`${GEMINI}/v1beta/cachedContents`, { name: 'cachedContents/c1', model: 'models/m' }],
      use: [[`${GEMINI}/v1beta/models/m:generateContent`, { contents: [], cachedContent: 'cachedContents/c1' }], [`${GEMINI}/v1beta/cachedContents/c1`]],
      missing: () => new Response(JSON.stringify({ error: { code: 403, message: 'CachedContent not found (or permission denied)', status: 'PERMISSION_DENIED' } }), { status: 403 }),
      why: 'it owns the cached content',
    },
    'a tuned model': {
      make: [`${GEMINI}/v1beta/tunedModels`, { name: 'tunedModels/t1/operations/o1', metadata: { tunedModel: 'tunedModels/t1' } }],
      use: [[`${GEMINI}/v1beta/tunedModels/t1:generateContent`, { contents: [] }]],
      owned: 'tunedModels/t1',
      missing: () => new Response('{"error":{"code":404,"message":"no such model","status":"NOT_FOUND"}}', { status: 404 }),
      why: 'it owns the tuned model',
    },
    'a response': {
      make: [`${OPENAI}/responses`, { id: 'resp_1', object: 'response' }],
      use: [[`${OPENAI}/responses`, { model: 'm', input: 'x', previous_response_id: 'resp_1' }, 'next'], [`${OPENAI}/responses/resp_1`]],
      missing: (id) => new Response(JSON.stringify({ error: { message: `Previous response with id '${id}' not found.`, type: 'invalid_request_error', param: 'previous_response_id', code: 'previous_response_not_found' } }), { status: 400 }),
      why: 'it keeps the response',
    },
    'a batch': {
      make: [`${OPENAI}/batches`, { id: 'batch_1', output_file_id: 'file-out' }],
      use: [[`${OPENAI}/batches/batch_1`], [`${OPENAI}/files/file-out/content`]],
      missing: () => new Response('{"error":{"message":"nothing here"}}', { status: 404 }),
      why: 'it owns the batch',
    },
    'a vector store': {
      make: [`${OPENAI}/vector_stores`, { id: 'vs_1' }],
      use: [[`${OPENAI}/vector_stores/vs_1`], [`${OPENAI}/responses`, { model: 'm', tools: [{ type: 'file_search', vector_store_ids: ['vs_0', 'vs_1'] }] }, 'next']],
      missing: () => new Response('{"error":{"message":"nothing here"}}', { status: 404 }),
      why: 'it owns what the call names',
    },
  };
  test('a stored response that came as a stream is gone on with by its project', async (t) => {
    const log = [];
    const event = (type, more) => `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;
    const stream = event('response.created', { response: { id: 'resp_7' } }) + event('response.output_text.delta', { delta: 'Hi' }) + event('response.completed', { response: { id: 'resp_7' } });
    const fetch = async (_, init) => {
      log.push(init.headers.authorization.slice(7));
      return log.length === 2 ? new Response(stream, { headers: { 'content-type': 'text/event-stream' } }) : served({ ok: true });
    };
    const api = new QuotaAwareAPI(['fake-a', 'fake-b', 'fake-c'], { provider: 'openai', fetch });
    t.after(() => api.close());
    const respond = (more) => api.call(`${OPENAI}/responses`, { method: 'POST', body: JSON.stringify({ model: 'm', input: 'x', ...more }) });
    await respond();
    assert.match(await (await respond({ stream: true })).text(), /completed/);
    for (let n = 0; n < 3; n += 1) await respond({ previous_response_id: 'resp_7' });
    assert.deepEqual(log.slice(2), [log[1], log[1], log[1]]);
  });

  for (const [name, { make, use, owned, why }] of Object.entries(cases)) {
    test(`${name} is used by its project, and the account says why`, async (t) => {
      const log = [];
      const [url, made] = make;
      const fetch = async (to, init) => {
        log.push(init.headers['x-goog-api-key'] ?? init.headers.authorization.slice(7));
        return served(log.length === 2 ? made : { ok: true });
      };
      const api = new QuotaAwareAPI(['fake-one', 'fake-two', 'fake-three'], { fetch });
      t.after(() => api.close());
      await api.call(url.startsWith(GEMINI) ? `${GEMINI}/v1beta/models` : `${OPENAI}/models`);
      await (await api.call(url, { method: 'POST', body: '{}' })).json();
      for (const [to, body] of [...use, ...use]) {
        const { quota } = await api.call(to, { ...(body && { method: 'POST', body: JSON.stringify(body) }), quota: { explain: true } });
        assert.equal(quota.trace.steps[0].step, 'only', to);
        if (to === use[0][0]) assert.equal(quota.trace.steps[0].reason, why);
      }
      assert.deepEqual(new Set(log.slice(1)), new Set(['fake-two']));
    });

    test(`${name} that nobody knows is found`, async (t) => {
      const { missing } = cases[name];
      const handle = owned ?? made(make).name ?? made(make).id;
      const { fetch, log } = keeper({ owned: { [handle]: 'fake-three' } }, missing);
      for (const [to, body] of use.filter(([, , only]) => only === undefined || name === 'a response').slice(0, 1)) {
        const api = new QuotaAwareAPI(['fake-one', 'fake-two', 'fake-three'], { fetch });
        t.after(() => api.close());
        log.length = 0;
        for (let n = 0; n < 2; n += 1) assert.equal((await api.call(to, body && { method: 'POST', body: JSON.stringify(body) })).status, 200);
        assert.deepEqual(log.map((line) => line.split(' ')[0]), ['fake-one', 'fake-two', 'fake-three', 'fake-three']);
      }
    });
  }
  const made = ([, document]) => document;
});

describe('quota.project', () => {
  test('is the one project that serves a call, by its name or by that of a key without one; a header says the same', async (t) => {
    const { api, mock, served: log } = room(t);
    for (let n = 0; n < 2; n += 1) await ask(api, about(), { project: 'bea' });
    await ask(api, { ...about(), headers: { 'x-quota-project': 'cy' } });
    assert.deepEqual(log(), ['bea 200', 'bea 200', 'cy 200']);
    const unnamed = new QuotaAwareAPI(['fake-ada-0', 'fake-bea-0'], { provider: 'gemini', fetch: mock.fetch });
    t.after(() => unnamed.close());
    await ask(unnamed, about(), { project: 'key-2' });
    assert.equal(log().at(-1), 'bea 200');
  });

  test('that there is none of is a mistake that names those there are', async (t) => {
    const { api, mock } = room(t);
    await assert.rejects(ask(api, about(), { project: 'dee' }), refusal('CONFIG_INVALID', /^quota\.project: expected the name of a project; there are ada, bea, cy$/));
    await assert.rejects(ask(api, about(), { project: 5 }), refusal('CONFIG_INVALID', /^quota\.project: expected a string, got 5$/));
    assert.equal(mock.log.length, 0);
  });

  test('without quota fails as any call does, and says which project it was', async (t) => {
    const { api, mock } = room(t);
    mock.exhaust('ada', 'day');
    await assert.rejects(ask(api, about(), { project: 'ada' }), (error) => refusal('QUOTA_EXCEEDED', /Only project "ada" may serve it: the call names it\.$/)(error) && error.owner === null);
  });

  test('stands above what is known of an owner', async (t) => {
    const { api, served: log } = room(t);
    const file = await upload(api, { project: 'ada' });
    assert.equal((await ask(api, about(file), { project: 'bea' })).status, 403);
    assert.equal(log().at(-1), 'bea 403');
  });
});

test('ten thousand owners are remembered, those that nobody named longest are forgotten first, and a refusal of quota changes none', async (t) => {
  const seen = [];
  const answers = [];
  const fetch = async (url, init) => { seen.push(init.headers.authorization.slice(7)); return answers.shift() ?? served({ id: /file-\d+/.exec(url)?.[0] ?? 'x' }); };
  const api = new QuotaAwareAPI(['fake-one', 'fake-two'], { fetch, backoff: { base: 0 } });
  t.after(() => api.close());
  const list = async (from) => {
    answers.push(served({ data: Array.from({ length: 200 }, (_, n) => ({ id: `file-${from + n}` })) }));
    await (await api.call(`${OPENAI}/files`, { quota: { project: 'key-1' } })).json();
  };
  await list(0);
  const ownerOf = async (n) => (await api.call(`${OPENAI}/files/file-${n}`, { quota: { explain: true } })).quota.trace.steps[0].step;
  assert.equal(await ownerOf(7), 'only');
  for (let from = 200; from < 10_000; from += 200) await list(from);
  assert.equal(await ownerOf(7), 'only');
  await list(10_000);
  assert.deepEqual([await ownerOf(7), await ownerOf(9_999), await ownerOf(150)], ['only', 'only', 'sent']);
  answers.push(new Response('{"error":{"message":"Rate limit reached"}}', { status: 429, headers: { 'retry-after-ms': '1' } }));
  const { quota } = await api.call(`${OPENAI}/files/file-7`, { quota: { explain: true } });
  assert.deepEqual([quota.attempts, quota.key], [2, 'key-1']);
});
