// Records on the edge: no timer outlives a request, so what is written is written by a request that asks for it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MANNERS, worker } from './support.js';

const PROGRAM = `
const batches = [];
const QUESTION = JSON.stringify({ contents: [{ parts: [{ text: 'Hi' }] }] });
const answers = {
  async '/call'() {
    const response = await api.call('https://generativelanguage.googleapis.com/v1beta/models/gemini-fake:generateContent', { method: 'POST', body: QUESTION });
    return Response.json((await response.json()).usageMetadata);
  },
  async '/flush'() {
    const whole = await api.flush();
    return Response.json({ whole, batches: batches.splice(0), records: api.getStats().records });
  },
};
export default { fetch: (request) => answers[new URL(request.url).pathname]() };`;

for (const [manner, flags] of Object.entries(MANNERS)) {
  test(`what several requests have done is written by the one that flushes (${manner})`, { timeout: 30_000 }, async (t) => {
    const options = '{ sink: { write: async (records) => { await new Promise((done) => setTimeout(done, 1)); batches.push(records.map(({ call, tokens }) => [call, tokens.input])); } } }';
    const provider = () => new Response(JSON.stringify({ usageMetadata: { promptTokenCount: 7 } }), { headers: { 'content-type': 'application/json' } });
    const { told, words } = await worker(t, { program: PROGRAM, flags, options, provider });
    for (let n = 0; n < 3; n += 1) assert.equal((await told('/call')).status, 200);
    const { body } = await told('/flush');
    assert.deepEqual(body, { whole: true, batches: [[[1, 7], [2, 7], [3, 7]]], records: { written: 3, dropped: 0, failed: 0 } });
    await told('/call');
    // Two at a time: neither waits for what the other has under way.
    const both = await Promise.all([told('/flush'), told('/flush')]);
    assert.deepEqual(both.map((each) => each.body.whole), [true, true]);
    assert.equal((await told('/flush')).body.records.written, 4);
    assert.equal(words.join(''), '');
  });
}
