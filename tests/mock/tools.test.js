// Function calls, in each dialect: whole and in pieces, and the words that follow what a tool has returned.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { GROQ, OPENAI, chat, generate, messages, onClock } from './support.js';

const SCHEMA = { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 2 } }, required: ['city'] };
const ASK = 'Use get_weather for Paris';
const ARGS = { city: ASK, days: 2 };
const on = (provider) => onClock({ projects: [{ id: 'a', provider, keys: ['fake-a'], models: { '*': { rpm: 100 } } }] }).mock;
const events = (text) => text.split('\n\n').map((event) => /^data: (.*)$/m.exec(event)?.[1]).filter((data) => data && data !== '[DONE]').map((data) => JSON.parse(data));

/** How each dialect offers a tool, and what it makes of a call: its name and arguments, and why the answer ended. */
const DIALECTS = {
  openai: {
    ask: (mock, body) => chat(mock, OPENAI, 'fake-a', { tools: [{ type: 'function', function: { name: 'get_weather', parameters: SCHEMA } }], messages: [{ role: 'user', content: ASK }], ...body }),
    choices: { none: { tool_choice: 'none' }, required: { tool_choice: 'required' }, named: { tool_choice: { type: 'function', function: { name: 'get_weather' } } } },
    saying: (content) => ({ messages: [{ role: 'user', content }] }),
    returned: { messages: [{ role: 'user', content: ASK }, { role: 'assistant', content: null, tool_calls: [] }, { role: 'tool', tool_call_id: 'x', content: 'get_weather: rain' }] },
    call: ({ choices: [{ message, finish_reason: reason }] }) => [message.tool_calls[0].function.name, JSON.parse(message.tool_calls[0].function.arguments), reason, message.content],
    words: ({ choices: [{ message }] }) => message.content,
    ended: 'tool_calls', nothing: null,
    streamed: (text) => {
      const deltas = events(text).map(({ choices: [{ delta }] }) => delta.tool_calls?.[0].function).filter(Boolean);
      return [deltas[0].name, JSON.parse(deltas.map((each) => each.arguments).join('')), deltas.length];
    },
    stream: { stream: true },
  },
  gemini: {
    ask: (mock, body, stream) => generate(mock, 'fake-a', {
      ...(stream && { verb: 'streamGenerateContent', query: '?alt=sse' }),
      body: { tools: [{ functionDeclarations: [{ name: 'get_weather', parameters: SCHEMA }] }], contents: [{ role: 'user', parts: [{ text: ASK }] }], ...body },
    }),
    choices: Object.fromEntries(['none', 'required', 'named'].map((name) => [name, {
      toolConfig: { functionCallingConfig: { mode: name === 'none' ? 'NONE' : 'ANY', ...(name === 'named' && { allowedFunctionNames: ['get_weather'] }) } },
    }])),
    saying: (text) => ({ contents: [{ role: 'user', parts: [{ text }] }] }),
    returned: { contents: [{ role: 'user', parts: [{ text: ASK }] }, { role: 'model', parts: [{ functionCall: { name: 'get_weather', args: {} } }] }, { role: 'user', parts: [{ functionResponse: { name: 'get_weather', response: { sky: 'get_weather: rain' } } }] }] },
    call: ({ candidates: [{ content: { parts: [{ functionCall, text }] }, finishReason }] }) => [functionCall.name, functionCall.args, finishReason, text],
    words: ({ candidates: [{ content }] }) => content.parts[0].text,
    ended: 'STOP', nothing: undefined,
    streamed: (text) => {
      const [{ candidates: [{ content: { parts: [{ functionCall }] } }] }, ...more] = events(text.replaceAll('\r', ''));
      return [functionCall.name, functionCall.args, more.length + 2];
    },
  },
  anthropic: {
    ask: (mock, body) => messages(mock, 'fake-a', { tools: [{ name: 'get_weather', input_schema: SCHEMA }], messages: [{ role: 'user', content: ASK }], ...body }),
    choices: { none: { tool_choice: { type: 'none' } }, required: { tool_choice: { type: 'any' } }, named: { tool_choice: { type: 'tool', name: 'get_weather' } } },
    saying: (content) => ({ messages: [{ role: 'user', content }] }),
    returned: { messages: [{ role: 'user', content: [{ type: 'tool_result', tool_use_id: 'x', content: [{ type: 'text', text: 'get_weather: rain' }] }] }] },
    call: ({ content: [{ name, input, text }], stop_reason: reason }) => [name, input, reason, text],
    words: ({ content }) => content[0].text,
    ended: 'tool_use', nothing: undefined,
    streamed: (text) => {
      const all = events(text);
      const bits = all.filter(({ delta }) => delta?.type === 'input_json_delta').map(({ delta }) => delta.partial_json);
      return [all.find(({ content_block: block }) => block).content_block.name, JSON.parse(bits.join('')), bits.length];
    },
    stream: { stream: true },
  },
};

for (const [provider, { ask, choices, saying, returned, call, words, ended, nothing, streamed, stream }] of Object.entries(DIALECTS)) {
  describe(provider, () => {
    test('a prompt that names a tool gets a call of it, with arguments that fit its schema', async () => {
      assert.deepEqual(call(await (await ask(on(provider), {})).json()), ['get_weather', ARGS, ended, nothing]);
    });

    test('in a stream, arguments come bit by bit and make the same', async () => {
      const [name, args, bits] = streamed(await (await ask(on(provider), stream ?? {}, true)).text());
      assert.deepEqual([name, args], ['get_weather', ARGS]);
      assert.ok(bits > 1);
    });

    test('what must be called is called, what must not is not, and other prompts get words', async () => {
      const mock = on(provider);
      const hello = saying('Hello, get_weathers is no tool');
      for (const name of ['required', 'named']) assert.equal(call(await (await ask(mock, { ...hello, ...choices[name] })).json())[0], 'get_weather', name);
      assert.match(words(await (await ask(mock, choices.none)).json()), /You said: "Use get_weather/);
      assert.match(words(await (await ask(mock, hello)).json()), /You said: "Hello/);
    });

    test('what a tool has returned is answered with words', async () => {
      assert.match(words(await (await ask(on(provider), returned)).json()), /get_weather: rain/);
    });
  });
}

test('Groq calls as OpenAI does, and `answer` is asked for texts only', async () => {
  let asked = 0;
  const { mock } = onClock({ projects: [{ provider: 'groq', keys: ['fake-a'] }], answer: () => { asked += 1; return 'words'; } });
  const tools = [{ type: 'function', function: { name: 'a+b' } }];
  const answer = await (await chat(mock, GROQ, 'fake-a', { tools, messages: [{ role: 'user', content: 'call a+b' }] })).json();
  assert.deepEqual([answer.choices[0].message.tool_calls[0].function, asked], [{ name: 'a+b', arguments: '{}' }, 0]);
  await chat(mock, GROQ, 'fake-a', {});
  assert.equal(asked, 1);
});
