// `@google/genai`: by its `fetch` option, by the global `fetch` where there is none (install), over HTTP and through the relay.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { ApiError, GoogleGenAI, createPartFromUri } from '@google/genai';
import { createMockServer } from '../built.js';
import { ASK, CALLER_KEY, DRIPPING, QuotaAwareAPI, SCHEMA, SLOW, TOOL, answerTo, assertClean, assertSeconds, assertServed, assertToldOnce, collect, exhausted, idle, install, room, roomy, tight } from './support.js';

const question = { model: 'gemini-fake', contents: 'Hi' };
const tools = [{ functionDeclarations: [{ name: TOOL, parametersJsonSchema: SCHEMA }] }];

/** The two ways in: handed over, and put in the place of the global one. */
const WAYS = {
  'by its fetch option': ({ fetch }, { headers } = {}) => new GoogleGenAI({ apiKey: CALLER_KEY, httpOptions: { fetch, headers } }),
  'by install()': (scene, { headers } = {}) => {
    install(scene);
    return new GoogleGenAI({ apiKey: CALLER_KEY, httpOptions: { headers } });
  },
};

for (const [way, connect] of Object.entries(WAYS)) {
  describe(way, () => {
    test('an answer, and one in pieces', async (t) => {
      const scene = tight(t, 'gemini');
      const { models } = connect(scene);
      const { text, usageMetadata } = await models.generateContent(question);
      assert.match(text, answerTo('Hi'));
      assert.ok(usageMetadata.totalTokenCount > 0);
      const chunks = await collect(await models.generateContentStream(question));
      assert.ok(chunks.length > 2);
      assert.equal(chunks.map((chunk) => chunk.text).join(''), text);
      assertServed(scene, 2);
    });

    test('a chat with a tool, to and fro', async (t) => {
      const scene = tight(t, 'gemini');
      const chat = connect(scene).chats.create({ model: 'gemini-fake', config: { tools } });
      const { functionCalls: [call] } = await chat.sendMessage({ message: ASK });
      assert.deepEqual([call.name, call.args], [TOOL, { city: ASK }]);
      const { text } = await chat.sendMessage({ message: { functionResponse: { name: call.name, response: { sky: 'rain' } } } });
      assert.match(text, /rain/);
      assertServed(scene, 2);
    });

    test('embeddings, one request for each text', async (t) => {
      const scene = tight(t, 'gemini');
      const { embeddings } = await connect(scene).models.embedContent({ model: 'gemini-embedding-001', contents: ['a', 'b'] });
      assert.deepEqual(embeddings.map(({ values }) => values.length), [768, 768]);
      assertServed(scene, 1);
    });

    test('a file is uploaded in parts, looked at, asked about and deleted: with its project’s key, whosever turn it is', async (t) => {
      const scene = room(t, 'gemini', {}, { projects: roomy('gemini') });
      const client = connect(scene);
      await client.models.generateContent(question);
      const file = await client.files.upload({ file: new Blob([new Uint8Array(9_000_000)], { type: 'text/plain' }), config: { displayName: 'Notes' } });
      assert.deepEqual([file.displayName, file.sizeBytes, file.state], ['Notes', '9000000', 'ACTIVE'], 'in two parts');
      const ofTheFile = scene.mock.log.length;
      for (let n = 0; n < 3; n += 1) {
        assert.equal((await client.files.get({ name: file.name })).uri, file.uri);
        const { text } = await client.models.generateContent({ model: 'gemini-fake', contents: [createPartFromUri(file.uri, file.mimeType), 'What?'] });
        assert.match(text, answerTo('What\\?'));
      }
      await client.files.delete({ name: file.name });
      assert.deepEqual(new Set(scene.mock.log.slice(ofTheFile).map(({ project, status }) => `${project} ${status}`)), new Set(['project-2 200']));
      assertClean(scene);
    });

    test('a file that was made elsewhere is found, and one that nobody has is the provider’s own 403: no key is blamed', async (t) => {
      const scene = room(t, 'gemini', {}, { projects: roomy('gemini') });
      const { name, uri, mimeType } = await connect(room(t, 'gemini', { fetch: scene.mock.fetch })).files.upload({ file: new Blob(['hello'], { type: 'text/plain' }) });
      scene.restore?.();
      scene.api.switchToKey('key-2');
      const client = connect(scene);
      const { text } = await client.models.generateContent({ model: 'gemini-fake', contents: [createPartFromUri(uri, mimeType), 'What?'] });
      assert.match(text, answerTo('What\\?'));
      assert.equal((await client.files.get({ name })).uri, uri);
      const refused = await client.files.get({ name: 'files/nope' }).catch((error) => error);
      assert.ok(refused instanceof ApiError && refused.status === 403 && refused.message.includes('or it may not exist'), String(refused));
      assert.ok(scene.api.getStatus().keys.every(({ health }) => health === 'available'));
    });

    for (const window of ['minute', 'day']) {
      test(`without quota until the next ${window}: a 429 is told once, in its own error`, async (t) => {
        const scene = exhausted(t, 'gemini', window);
        const { models } = connect(scene);
        await assert.rejects(models.generateContent(question), (error) => error instanceof ApiError && error.status === 429 && error.message.includes('RESOURCE_EXHAUSTED'));
        assertToldOnce(scene);
        assertSeconds(scene.seen[0].retryAfter, window);
        const again = await models.generateContentStream(question).catch((error) => error);
        assert.ok(again instanceof ApiError && again.status === 429);
        assert.equal(scene.mock.log.length, 3, 'not even sent');
      });
    }

    test('giving up, by its signal, by its time-out, and in the middle of a stream', async (t) => {
      const slow = room(t, 'gemini', {}, SLOW);
      const { models } = connect(slow);
      const patience = new AbortController();
      const call = models.generateContent({ ...question, config: { abortSignal: patience.signal } });
      setTimeout(() => patience.abort(), 20);
      await assert.rejects(call, { name: 'AbortError' });
      await assert.rejects(models.generateContent({ ...question, config: { httpOptions: { timeout: 50 } } }), { name: /^(AbortError|TimeoutError)$/ });
      await idle(slow);
      slow.restore?.();
      const dripping = room(t, 'gemini', {}, DRIPPING);
      for await (const chunk of await connect(dripping).models.generateContentStream(question)) {
        assert.ok(chunk.text);
        break;
      }
      await idle(dripping);
    });
  });
}

describe('over HTTP', () => {
  const KEYS = ['fake-http-1', 'fake-http-2'];
  const serve = async (t, window) => {
    const server = await createMockServer({ latency: 0, chunkDelay: 1, projects: KEYS.map((key) => ({ keys: [key], models: { '*': { rpm: 2, rpd: 2 } } })) });
    t.after(() => server.close());
    server.provider.exhaust('project-1', window);
    return server;
  };

  test('a base URL and install(): its own dispatcher goes along, and an upload finds its way back', async (t) => {
    const server = await serve(t, 'minute');
    const api = new QuotaAwareAPI(KEYS, { provider: 'gemini', allowedOrigins: [server.url] });
    t.after(() => api.close());
    api.install();
    const client = new GoogleGenAI({ apiKey: CALLER_KEY, httpOptions: { baseUrl: server.url } });
    const chunks = await collect(await client.models.generateContentStream(question));
    assert.match(chunks.map(({ text }) => text).join(''), answerTo('Hi'));
    assert.match((await client.models.generateContent(question)).text, answerTo('Hi'));
    assert.deepEqual(server.provider.log.map(({ status }) => status), [429, 200, 200]);
    const file = await client.files.upload({ file: new Blob(['hello'], { type: 'text/plain' }) });
    assert.ok(file.uri.startsWith(server.url));
    // A call to somewhere else goes there.
    assert.equal((await fetch(`${server.url.replace('127.0.0.1', 'localhost')}/v1beta/models`)).status, 403);
    assert.equal(server.provider.log.at(-1).reason, 'no-key');
  });

  test('the relay as its base URL', { timeout: 60_000 }, async (t) => {
    const server = await serve(t, 'day');
    const env = { PATH: process.env.PATH, GEMINI_KEY_1: KEYS[0], GEMINI_KEY_2: KEYS[1], UPSTREAM: server.url, PORT: '0' };
    const relay = spawn(process.execPath, ['examples/relay.mjs'], { cwd: join(import.meta.dirname, '../..'), env, stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => relay.kill());
    const [line] = await once(createInterface(relay.stdout), 'line');
    const { models } = new GoogleGenAI({ apiKey: CALLER_KEY, httpOptions: { baseUrl: line.replace('relay: ', '') } });
    assert.match((await models.generateContent(question)).text, answerTo('Hi'));
    const chunks = await collect(await models.generateContentStream(question));
    assert.ok(chunks.length > 2);
    assert.match(chunks.map(({ text }) => text).join(''), answerTo('Hi'));
    assert.deepEqual(server.provider.log.map(({ status }) => status), [429, 200, 200]);
    await assert.rejects(models.generateContent(question), (error) => error instanceof ApiError && error.status === 429);
  });
});
