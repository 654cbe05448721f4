// OpenAI's Responses API.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GROQ, OPENAI, onClock } from './support.js';

const on = (options = {}) => onClock({ projects: [{ id: 'a', provider: 'openai', keys: ['fake-a'], models: { '*': { rpm: 10, tpm: 1000 } } }], ...options }).mock;

const respond = (mock, body = {}, base = OPENAI) => mock.fetch(`${base}/responses`, {
  method: 'POST', headers: { authorization: 'Bearer fake-a', 'content-type': 'application/json' }, body: JSON.stringify({ model: 'gpt-x', input: 'Hello', ...body }),
});

async function streamed(response) {
  assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  return (await response.text()).split('\n\n').filter(Boolean).map((event) => {
    const [, type, data] = /^event: (\S+)\ndata: (.*)$/.exec(event);
    assert.equal(JSON.parse(data).type, type);
    return JSON.parse(data);
  });
}

test('a response has its text, its usage, and the headers about limits', async () => {
  const response = await respond(on(), { instructions: 'Be brief' });
  const body = await response.json();
  assert.deepEqual([body.object, body.status, body.model, body.output[0].content[0].type], ['response', 'completed', 'gpt-x', 'output_text']);
  assert.match(body.output[0].content[0].text, /You said: "Hello"/);
  assert.deepEqual(body.usage.total_tokens, body.usage.input_tokens + body.usage.output_tokens);
  assert.ok(body.usage.input_tokens > 0);
  assert.equal(response.headers.get('x-ratelimit-remaining-requests'), '9');
});

test('a list of items says the last of them, and JSON is made to fit its schema', async () => {
  const input = [{ role: 'user', content: 'first' }, { role: 'assistant', content: [{ type: 'output_text', text: 'second' }] }, { role: 'user', content: [{ type: 'input_text', text: 'third' }, { type: 'input_image', image_url: 'x' }] }];
  assert.match((await (await respond(on(), { input })).json()).output[0].content[0].text, /You said: "third"/);
  const format = { type: 'json_schema', name: 'x', schema: { type: 'object', properties: { a: { type: 'integer' } } } };
  assert.equal((await (await respond(on(), { text: { format } })).json()).output[0].content[0].text, '{"a":1}');
});

test('a stream builds the same response, numbered', async () => {
  const list = await streamed(await respond(on(), { stream: true }));
  assert.deepEqual(list.map((event) => event.sequence_number), list.map((_, at) => at));
  const text = list.filter(({ type }) => type === 'response.output_text.delta').map(({ delta }) => delta);
  assert.ok(text.length > 2);
  const { response } = list.at(-1);
  assert.equal(list.at(-1).type, 'response.completed');
  assert.deepEqual([text.join(''), list[0].response.id, list[0].response.output], [response.output[0].content[0].text, response.id, []]);
  assert.ok(response.usage.output_tokens > 0);
});

test('what is cut is incomplete', async () => {
  const body = await (await respond(on(), { max_output_tokens: 3 })).json();
  assert.deepEqual([body.status, body.incomplete_details, body.usage.output_tokens], ['incomplete', { reason: 'max_output_tokens' }, 3]);
  assert.equal((await streamed(await respond(on(), { max_output_tokens: 3, stream: true }))).at(-1).type, 'response.incomplete');
});

test('functions are called, in a stream too, and their outputs answered', async () => {
  const tools = [{ type: 'function', name: 'add', parameters: { type: 'object', properties: { a: { type: 'number' } } } }, { type: 'web_search' }];
  const [item] = (await (await respond(on(), { tools, input: 'please add' })).json()).output;
  assert.deepEqual([item.type, item.name, item.arguments], ['function_call', 'add', '{"a":1}']);
  const list = await streamed(await respond(on(), { tools, input: 'Hi', tool_choice: { type: 'function', name: 'add' }, stream: true }));
  const bits = list.filter(({ type }) => type === 'response.function_call_arguments.delta').map(({ delta }) => delta).join('');
  assert.deepEqual([bits, list.at(-1).response.output[0].name], ['{"a":1}', 'add']);
  const input = [{ role: 'user', content: 'please add' }, item, { type: 'function_call_output', call_id: item.call_id, output: 'add gave 3' }];
  assert.match((await (await respond(on(), { tools, input })).json()).output[0].content[0].text, /add gave 3/);
});

test('it shares the quota of its model with chat, and is refused in the same words', async () => {
  const mock = on({ projects: [{ provider: 'openai', keys: ['fake-a'], models: { '*': { rpm: 1 } } }] });
  await mock.fetch(`${OPENAI}/chat/completions`, { method: 'POST', headers: { authorization: 'Bearer fake-a' }, body: '{"model":"gpt-x","messages":[{"role":"user","content":"a"}]}' });
  const refused = await respond(mock);
  assert.deepEqual([refused.status, (await refused.json()).error.code], [429, 'rate_limit_exceeded']);
});

test('a body without input is refused, a stream may fail in its middle, and Groq has it too', async () => {
  assert.deepEqual((await (await respond(on(), { input: undefined })).json()).error.param, 'input');
  assert.equal((await respond(on(), { model: undefined })).status, 400);
  const mock = on();
  mock.script([{ streamError: 2 }]);
  assert.equal((await streamed(await respond(mock, { stream: true }))).at(-1).type, 'error');
  const groq = onClock({ projects: [{ provider: 'groq', keys: ['fake-a'] }] }).mock;
  assert.equal((await (await respond(groq, {}, GROQ)).json()).object, 'response');
});
