// Streams in another dialect: each delta at once, however the bytes are cut, and what is cut off stays cut off.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { translation } from '../../pkg-template/api/translate/index.js';
import { chance } from './chance.js';

const BASE = 'https://generativelanguage.googleapis.com/v1beta/models/gemini-fake';
const encoder = new TextEncoder();

function translate(from, { url, usage = true, thoughts = false } = {}) {
  const gemini = { contents: [{ parts: [{ text: 'Hi' }] }], generationConfig: { thinkingConfig: { includeThoughts: thoughts } } };
  const openai = { messages: [{ role: 'user', content: 'Hi' }], stream: true, stream_options: { include_usage: usage } };
  return from === 'gemini'
    ? translation({ from, to: 'openai', url: url ?? `${BASE}:streamGenerateContent?alt=sse`, body: JSON.stringify(gemini), model: 'gpt-fake', provider: 'openai' })
    : translation({ from, to: 'gemini', url: 'https://api.openai.com/v1/chat/completions', body: JSON.stringify(openai), model: 'gemini-3-fake', now: () => 5000 });
}

/** What comes out of these pieces, all of it. */
function through(t, pieces) {
  const events = t.events();
  return [...pieces.flatMap((piece) => events.push(typeof piece === 'string' ? encoder.encode(piece) : piece)), ...events.end()];
}

/** Documents of a stream of events. */
function documents(texts) {
  return texts.join('').split(/\r?\n\r?\n/).filter(Boolean).map((event) => {
    const data = event.replace(/^data: /, '');
    return data === '[DONE]' ? data : JSON.parse(data);
  });
}

const event = (document) => `data: ${JSON.stringify(document)}\n\n`;
const said = (delta, finish_reason = null, index = 0) => event({ id: 'c1', object: 'chat.completion.chunk', model: 'gpt-5', choices: [{ index, delta, finish_reason }] });
const call = (index, more, name, id) => said({ tool_calls: [{ index, ...(id && { id, type: 'function' }), function: { ...(name && { name }), arguments: more } }] });
const counted = event({ id: 'c1', model: 'gpt-5', choices: [], usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 } });
const DONE = 'data: [DONE]\n\n';

const answered = (parts, finishReason, more = {}) => `data: ${JSON.stringify({
  candidates: [{ content: { parts, role: 'model' }, ...(finishReason && { finishReason }), index: 0 }],
  usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 4, totalTokenCount: 7 }, modelVersion: 'gemini-3', responseId: 'r1', ...more,
})}\r\n\r\n`;

/** Texts and calls of Gemini's chunks, in order. */
const parts = (chunks) => chunks.flatMap(({ candidates = [] }) => candidates.flatMap(({ content }) => content.parts.map(({ text, functionCall }) => functionCall ?? text)));
const f = (args, id = 'a') => ({ id, name: 'f', args });

describe('a stream of OpenAI, for a caller of Gemini', () => {
  const sample = [said({ role: 'assistant', content: '' }), said({ content: 'Grü' }), ': a comment\n\n', said({ content: 'ße 😀' }), said({}, 'stop'), counted, DONE];
  const head = { modelVersion: 'gpt-5', responseId: 'c1' };
  const chunk = (text, more) => ({ candidates: [{ content: { parts: [{ text }], role: 'model' }, ...more, index: 0 }], ...head });
  const usageMetadata = { promptTokenCount: 3, candidatesTokenCount: 4, totalTokenCount: 7 };

  test('is Gemini\'s in every chunk', () => {
    const out = documents(through(translate('gemini'), sample));
    assert.deepEqual(out, [chunk('Grü'), chunk('ße 😀'), { ...chunk('', { finishReason: 'STOP' }), usageMetadata }]);
  });

  test('goes on at once, delta by delta', () => {
    const events = translate('gemini').events();
    const sizes = sample.map((piece) => events.push(encoder.encode(piece)).length);
    assert.deepEqual(sizes, [0, 1, 0, 1, 0, 0, 0]);
    assert.equal(events.end().length, 1);
    assert.deepEqual(events.end(), [], 'there is one end');
    assert.deepEqual(events.push(encoder.encode(sample[1])), []);
  });

  test('is an array that grows where events were not asked for', () => {
    const events = translate('gemini', { url: `${BASE}:streamGenerateContent` }).events();
    const first = events.push(encoder.encode(sample[1]));
    assert.deepEqual(JSON.parse(`${first.join('')}]`), [chunk('Grü')]);
    const all = [...first, ...events.push(encoder.encode(sample.slice(3).join(''))), ...events.end()].join('');
    assert.deepEqual(JSON.parse(all), [chunk('Grü'), chunk('ße 😀'), { ...chunk('', { finishReason: 'STOP' }), usageMetadata }]);
    assert.deepEqual(through(translate('gemini', { url: `${BASE}:streamGenerateContent` }), []).join(''), '[]');
  });

  test('tells tokens where Groq does', () => {
    const [last] = documents(through(translate('gemini'), [event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], x_groq: { usage: { prompt_tokens: 1, completion_tokens: 2 } } }), DONE]));
    assert.deepEqual(last.usageMetadata, { promptTokenCount: 1, candidatesTokenCount: 2, totalTokenCount: 3 });
  });

  const calls = [
    ['in pieces', [call(0, '', 'f', 'a'), call(0, '{"x"'), call(0, ':1}')], [f({ x: 1 })]],
    ['one after the other', [said({ content: 'Well' }), call(0, '{"x":1}', 'f', 'a'), call(1, '{"y"', 'f', 'b'), call(1, ':2}')], ['Well', f({ x: 1 }), f({ y: 2 }, 'b')]],
    ['in turns', [call(0, '{"x"', 'f', 'a'), call(1, '{"y"', 'f', 'b'), call(0, ':1}'), call(1, ':2}')], [f({ x: 1 }), f({ y: 2 }, 'b')]],
    ['at once', [said({ tool_calls: [{ index: 0, id: 'a', function: { name: 'f', arguments: '{"x":1}' } }, { index: 1, id: 'b', function: { name: 'f', arguments: '{}' } }] })], [f({ x: 1 }), f({}, 'b')]],
    ['all with the number 0', [call(0, '{"x":1}', 'f', 'a'), call(0, '{"y":2}', 'f', 'b')], [f({ x: 1 }), f({ y: 2 }, 'b')]],
    ['without numbers', [said({ tool_calls: [{ id: 'a', function: { name: 'f', arguments: '{"x":1}' } }] }), said({ tool_calls: [{ id: 'b', function: { name: 'f', arguments: '{"y"' } }] }), said({ tool_calls: [{ function: { arguments: ':2}' } }] })], [f({ x: 1 }), f({ y: 2 }, 'b')]],
    ['without numbers or ids', [said({ tool_calls: [{ function: { name: 'f', arguments: '{"x":1}' } }] }), said({ tool_calls: [{ function: { name: 'f', arguments: '{"y":2}' } }] })], [{ name: 'f', args: { x: 1 } }, { name: 'f', args: { y: 2 } }]],
    ['without arguments', [call(0, '', 'f', 'a'), call(1, '', 'f', 'b')], [f({}), f({}, 'b')]],
    ['in the old way', [said({ function_call: { name: 'f', arguments: '{"x"' } }), said({ function_call: { arguments: ':1}' } })], [{ name: 'f', args: { x: 1 } }]],
  ];
  for (const [how, pieces, expected] of calls) {
    test(`has calls that came ${how}, each once and whole`, () => {
      const out = parts(documents(through(translate('gemini'), [...pieces, said({}, 'tool_calls'), DONE])));
      assert.deepEqual(out.filter((part) => part !== ''), expected);
    });
  }

  test('gives a call as soon as the next has begun', () => {
    const events = translate('gemini').events();
    events.push(encoder.encode(call(0, '{"x":1}', 'f', 'a')));
    assert.deepEqual(parts(documents(events.push(encoder.encode(call(1, '{', 'f', 'b'))))), [f({ x: 1 })]);
  });

  test('says in Gemini\'s word that a call is broken', () => {
    const out = documents(through(translate('gemini'), [call(0, '{"x"', 'f', 'a'), said({}, 'length'), DONE]));
    assert.equal(out.at(-1).candidates[0].finishReason, 'MALFORMED_FUNCTION_CALL');
  });

  test('that was cut off has no end, and no half of a call', () => {
    const out = documents(through(translate('gemini'), [said({ content: 'a' }), call(0, '{"x":1}', 'f', 'a')]));
    assert.deepEqual(parts(out), ['a']);
    assert.ok(out.every(({ candidates }) => candidates.every(({ finishReason }) => finishReason === undefined)));
  });

  test('has an end where the server says so without a reason', () => {
    assert.equal(documents(through(translate('gemini'), [said({ content: 'a' }), DONE])).at(-1).candidates[0].finishReason, 'STOP');
  });

  test('keeps choices apart', () => {
    const out = documents(through(translate('gemini'), [said({ content: 'a' }, null, 0), said({ content: 'b' }, null, 1), said({}, 'stop', 1), said({}, 'length', 0), DONE]));
    assert.deepEqual(out.slice(0, 2).map(({ candidates: [{ index, content }] }) => [index, content.parts[0].text]), [[0, 'a'], [1, 'b']]);
    assert.deepEqual(out.at(-1).candidates.map(({ index, finishReason }) => [index, finishReason]), [[0, 'MAX_TOKENS'], [1, 'STOP']]);
  });

  test('has thoughts where they were asked for', () => {
    const pieces = [said({ reasoning_content: 'hm' }), said({ reasoning: 'so' }), said({ content: 'a' }, 'stop'), DONE];
    const thoughts = (t) => documents(through(t, pieces)).flatMap(({ candidates }) => candidates[0].content.parts).filter(({ thought }) => thought).map(({ text }) => text);
    assert.deepEqual(thoughts(translate('gemini', { thoughts: true })), ['hm', 'so']);
    assert.deepEqual(thoughts(translate('gemini')), []);
  });

  test('may be no stream at all', () => {
    const completion = JSON.stringify({ id: 'c1', model: 'gpt-5', choices: [{ index: 0, message: { content: 'Hi' }, finish_reason: 'stop' }], usage: { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 } }, null, 2);
    assert.deepEqual(documents(through(translate('gemini'), [completion])), [chunk('Hi'), { ...chunk('', { finishReason: 'STOP' }), usageMetadata }]);
  });
});

describe('a stream of Gemini, for a caller of OpenAI', () => {
  const sample = [answered([{ text: 'Grü' }]), answered([{ text: 'hm', thought: true }]), answered([{ text: 'ße 😀' }], 'STOP')];
  const chunk = (choices, usage = null) => ({ id: 'r1', object: 'chat.completion.chunk', created: 5, model: 'gemini-3', choices, usage });
  const choice = (delta, finish_reason = null) => [{ index: 0, delta, logprobs: null, finish_reason }];

  test('is OpenAI\'s in every chunk, and ends with the tokens', () => {
    assert.deepEqual(documents(through(translate('openai'), sample)), [
      chunk(choice({ role: 'assistant', content: 'Grü' })), chunk(choice({ content: 'ße 😀' })), chunk(choice({}, 'stop')),
      chunk([], { prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 }), '[DONE]',
    ]);
  });

  test('has no word of tokens that nobody asked for', () => {
    const out = documents(through(translate('openai', { usage: false }), sample));
    assert.equal(out.length, 4);
    assert.ok(out.slice(0, 3).every((document) => !('usage' in document)));
  });

  test('goes on at once, delta by delta', () => {
    const events = translate('openai').events();
    assert.deepEqual(sample.map((piece) => events.push(encoder.encode(piece)).length), [1, 0, 2]);
  });

  test('numbers calls, over several chunks', () => {
    const out = documents(through(translate('openai'), [answered([{ text: 'Well' }, { functionCall: { name: 'f', args: { x: 1 } } }]), answered([{ functionCall: { id: 'own', name: 'g' } }]), answered([{ text: '' }], 'STOP')]));
    assert.deepEqual(out[0].choices[0].delta, { role: 'assistant', content: 'Well', tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"x":1}' } }] });
    assert.deepEqual(out[1].choices[0].delta, { tool_calls: [{ index: 1, id: 'own', type: 'function', function: { name: 'g', arguments: '{}' } }] });
    assert.equal(out[2].choices[0].finish_reason, 'tool_calls');
  });

  test('is a refusal where the prompt was blocked', () => {
    const out = documents(through(translate('openai', { usage: false }), [event({ promptFeedback: { blockReason: 'SAFETY' } })]));
    assert.deepEqual(out.map((document) => document.choices?.[0] ?? document), [...choice({ role: 'assistant', content: null, refusal: 'The prompt was blocked (SAFETY).' }), ...choice({}, 'content_filter'), '[DONE]']);
  });

  test('that was cut off has no end', () => {
    const out = documents(through(translate('openai'), sample.slice(0, 1)));
    assert.deepEqual(out, [chunk(choice({ role: 'assistant', content: 'Grü' }))]);
  });
});

describe('an error inside a stream', () => {
  const bare = JSON.stringify({ error: { code: 503, message: 'busy', status: 'UNAVAILABLE' } }, null, 2);

  for (const [how, piece] of [['as an event', event(JSON.parse(bare))], ['bare, on several lines', bare], ['bare, in an array', `[${bare}]\n`]]) {
    test(`of Gemini, ${how}, is OpenAI's, and nothing follows`, () => {
      const out = documents(through(translate('openai'), [answered([{ text: 'a' }]), piece, ...(how === 'as an event' ? [answered([{ text: 'b' }], 'STOP')] : [])]));
      assert.equal(out.length, 2);
      assert.deepEqual(out[1], { error: { message: 'busy', type: 'server_error', param: null, code: 'unavailable' } });
    });
  }

  test('of OpenAI stands alone and bare, as Google writes it: its SDK takes an event for one more chunk', () => {
    const out = through(translate('gemini'), [said({ content: 'a' }), event({ error: { message: 'slow down', type: 'rate_limit_error', code: 'rate_limit_exceeded' } }), said({ content: 'b' }), DONE]);
    assert.equal(out.length, 2);
    assert.deepEqual(JSON.parse(out[1]).error.status, 'RESOURCE_EXHAUSTED');
    const array = through(translate('gemini', { url: `${BASE}:streamGenerateContent` }), [said({ content: 'a' }), event({ error: { message: 'slow down', code: 429 } })]);
    assert.equal(JSON.parse(array.join(''))[1].error.code, 429);
  });

  test('is the last, be there more in the same piece', () => {
    const piece = said({ content: 'a' }) + event({ error: { message: 'no' } }) + event({ error: { message: 'again' } }) + 'data: {"half\n\n' + said({ content: 'b' }) + DONE;
    assert.equal(through(translate('gemini'), [piece]).length, 2);
    assert.equal(JSON.parse(through(translate('gemini', { url: `${BASE}:streamGenerateContent` }), [piece]).join('')).length, 2);
  });

  test('is not what an empty event is', () => assert.deepEqual(parts(documents(through(translate('gemini'), ['data:\n\n', said({ content: 'a' }), 'data: \n\n']))), ['a']));

  test('is what becomes of what can\'t be read', () => {
    for (const piece of ['data: {"half\n\n', 'data: 7\n\n', 'data: null\n\n', '<html>Bad gateway</html>', 'data: [[]]\n\n']) {
      for (const from of ['gemini', 'openai']) {
        const out = through(translate(from), [piece]);
        assert.equal(out.length, 1, piece);
        assert.ok(documents(out)[0].error.message.length > 0);
      }
    }
  });
});

describe('bytes', () => {
  const samples = {
    gemini: [
      [said({ role: 'assistant', content: '' }), said({ content: 'Grü' }), ': x\n\n', said({ content: 'ße 😀' }), call(0, '{"x"', 'f', 'a'), call(0, ':"ö"}'), call(1, '{}', 'g', 'b'), said({}, 'tool_calls'), counted, DONE].join(''),
      `\uFEFFevent: x\r\nid: 1\r\ndata:${JSON.stringify({ choices: [{ delta: { content: '€' } }] })}\r\n\r\ndata: {"choices":\r\ndata: [{"delta":{"content":"b"}}]}\r\n\r\n${DONE}`,
      [said({ content: 'a' }), '{\n "error": {"message": "ü"}\n}'].join('').replaceAll('\n', '\r'),
      said({ content: 'not ended' }).trimEnd(),
    ],
    openai: [
      [answered([{ text: 'Grü' }]), answered([{ text: 'ße 😀' }, { functionCall: { name: 'f', args: { x: 'ö' } } }]), answered([{ text: '' }], 'STOP')].join(''),
      `${answered([{ text: 'a' }])}{\r\n  "error": {\r\n    "code": 503,\r\n    "message": "büsy"\r\n  }\r\n}\r\n`,
    ],
  };

  for (const [from, texts] of Object.entries(samples)) {
    texts.forEach((text, n) => {
      const bytes = encoder.encode(text);
      const all = through(translate(from), [bytes]).join('');

      test(`may be cut anywhere: for ${from}, ${n + 1}`, () => {
        assert.ok(all.length > 0);
        for (let at = 0; at <= bytes.length; at += 1) assert.equal(through(translate(from), [bytes.subarray(0, at), bytes.subarray(at)]).join(''), all, `cut at ${at}`);
        assert.equal(through(translate(from), [...bytes].map((byte) => Uint8Array.of(byte))).join(''), all, 'one by one');
      });

      test(`may be cut often: for ${from}, ${n + 1}`, () => {
        chance(200, (random, seed) => {
          const pieces = [];
          for (let at = 0; at < bytes.length;) {
            const end = at + random.below(40);
            pieces.push(bytes.subarray(at, end));
            at = end;
          }
          assert.equal(through(translate(from), pieces).join(''), all, `seed ${seed}`);
        });
      });
    });
  }

  test('of one long line are looked at once', () => {
    const picture = answered([{ text: 'x'.repeat(4_000_000) }], 'STOP');
    const bytes = encoder.encode(picture);
    const pieces = [];
    for (let at = 0; at < bytes.length; at += 1000) pieces.push(bytes.subarray(at, at + 1000));
    const began = performance.now();
    assert.equal(documents(through(translate('openai'), pieces))[0].choices[0].delta.content.length, 4_000_000);
    // Scanning all that has come anew with each piece would read 8 GB.
    assert.ok(performance.now() - began < 2000);
  });

  test('go through a Response as they come, each chunk alone', async () => {
    let push;
    const body = new ReadableStream({ start(controller) { push = controller; } });
    const answer = await translate('gemini').answer(new Response(body, { headers: { 'content-type': 'text/event-stream', 'content-length': '5' } }));
    assert.deepEqual([answer.headers.get('content-type'), answer.headers.get('content-length')], ['text/event-stream', null]);
    const reader = answer.body.getReader();
    const read = async () => new TextDecoder().decode((await reader.read()).value);
    push.enqueue(encoder.encode(said({ content: 'a' })));
    assert.match(await read(), /"text":"a"/);
    push.enqueue(encoder.encode(said({ content: 'b' }) + event({ error: { message: 'no' } })));
    assert.match(await read(), /"text":"b"/);
    assert.equal(JSON.parse(await read()).error.message, 'no');
    push.close();
    assert.equal((await reader.read()).done, true);
  });

  test('stop coming when the caller stops reading', async () => {
    let cancelled = false;
    const body = new ReadableStream({ cancel() { cancelled = true; } });
    const answer = await translate('openai').answer(new Response(body));
    await answer.body.cancel();
    assert.equal(cancelled, true);
  });
});
