// Translations on requests and answers that are drawn: there and back is where one began, and nothing at all makes them
// throw anything but their own error.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NotTranslatable, renamed, translation } from '../../pkg-template/api/translate/index.js';
import { chance } from './chance.js';

const RUNS = Number(process.env.RANDOM_RUNS ?? 600);
const GEMINI = 'https://generativelanguage.googleapis.com/v1beta/models/gemini-fake:streamGenerateContent?alt=sse';
const OPENAI = 'https://api.openai.com/v1/chat/completions';
const SKIP = 'skip_thought_signature_validator';

const toOpenAI = (body) => translation({ from: 'gemini', to: 'openai', url: GEMINI, body: JSON.stringify(body), model: 'gpt-fake', provider: 'openai', reasons: true });
const toGemini = (body) => translation({ from: 'openai', to: 'gemini', url: OPENAI, body: JSON.stringify(body), model: 'gemini-3-flash', now: () => 0 });

/** Without what is undefined, as JSON has it. */
const plain = (value) => JSON.parse(JSON.stringify(value));

describe('there and back', () => {
  test('a request of Gemini is what it was, in Gemini\'s newer words', () => {
    chance(RUNS, (random) => {
      const { given, back } = geminiRequest(random);
      const once = JSON.parse(toOpenAI(given).body);
      const twice = JSON.parse(toGemini(once).body);
      assert.deepEqual(twice, plain(back));
      assert.deepEqual(JSON.parse(toOpenAI(twice).body), once, 'and there again');
    });
  });

  test('a request of OpenAI is what it was', () => {
    chance(RUNS, (random) => {
      const { given, back } = openaiRequest(random);
      const once = JSON.parse(toGemini(given).body);
      const { stream, stream_options, ...twice } = JSON.parse(toOpenAI(once).body);
      assert.deepEqual(twice, plain(back));
    });
  });

  test('an answer says the same, whole or in pieces', () => {
    chance(RUNS, (random) => {
      const text = words(random);
      const calls = random.some(2, (at) => ({ id: `id_${at}`, name: name(random), args: object(random) }));
      const usageMetadata = { promptTokenCount: random.below(50), candidatesTokenCount: random.below(50), thoughtsTokenCount: 1 + random.below(5), totalTokenCount: 200 };
      const answer = {
        candidates: [{ content: { parts: [...(text === '' && calls.length > 0 ? [] : [{ text }]), ...calls.map((functionCall) => ({ functionCall }))], role: 'model' }, finishReason: random.one(['STOP', 'MAX_TOKENS']), index: 0 }],
        usageMetadata, modelVersion: 'm', responseId: 'r',
      };
      const there = toGemini({ messages: [{ role: 'user', content: 'a' }], stream: true, stream_options: { include_usage: true } });
      const back = toOpenAI({ contents: [{ parts: [{ text: 'a' }] }] });
      assert.deepEqual(JSON.parse(back.response(there.response(JSON.stringify(answer)).body).body), answer);

      const streamed = there.events();
      const openai = [...streamed.push(`data: ${JSON.stringify(answer)}\n\n`), ...streamed.end()].join('');
      const again = back.events();
      const chunks = [...again.push(openai), ...again.end()].map((event) => JSON.parse(event.replace(/^data: /, '')));
      const parts = chunks.flatMap(({ candidates }) => candidates[0].content.parts).filter((part) => part.text !== '');
      assert.deepEqual(parts, answer.candidates[0].content.parts.filter((part) => part.text !== ''));
      assert.deepEqual(chunks.at(-1).usageMetadata, usageMetadata);
      assert.equal(chunks.at(-1).candidates[0].finishReason, answer.candidates[0].finishReason);
    });
  });
});

describe('whatever comes', () => {
  const urls = { gemini: GEMINI, openai: OPENAI };

  test('a request is translated, or each path of it named', () => {
    let translated = 0;
    let refused = 0;
    chance(RUNS * 2, (random) => {
      const from = random.one(['gemini', 'openai']);
      const body = spoilt(random, plain(from === 'gemini' ? geminiRequest(random).given : openaiRequest(random).given));
      try {
        const t = translation({ from, to: from === 'gemini' ? 'openai' : 'gemini', url: urls[from], body: JSON.stringify(body), model: 'm' });
        assert.ok(JSON.parse(t.body));
        translated += 1;
      } catch (error) {
        assert.ok(error instanceof NotTranslatable, error.stack);
        assert.ok(error.lost.length > 0 && error.lost.every(({ path, why }) => typeof path === 'string' && path !== '' && why !== ''));
        refused += 1;
      }
    });
    if (process.env.SEED === undefined) assert.ok(translated > RUNS / 10 && refused > RUNS / 2, `${translated} translated, ${refused} refused: neither should be rare`);
  });

  test('an answer is one for the caller, whole or in pieces', () => {
    chance(RUNS * 2, (random) => {
      const from = random.one(['gemini', 'openai']);
      const t = from === 'gemini' ? toOpenAI({ contents: [{ parts: [{ text: 'a' }] }] }) : toGemini({ messages: [{ role: 'user', content: 'a' }], stream: true });
      const document = spoilt(random, from === 'gemini' ? openaiAnswer(random) : geminiAnswer(random));
      const text = random.next() < 0.2 ? JSON.stringify(document)?.slice(0, random.below(60)) : JSON.stringify(document);
      const { status, body } = t.response(text, random.one([200, 400, 500]));
      assert.ok(status >= 200 && status < 600);
      assert.ok(from === 'gemini' ? 'candidates' in first(JSON.parse(body)) || 'error' in first(JSON.parse(body)) : 'choices' in JSON.parse(body) || 'error' in JSON.parse(body));
      const events = t.events();
      const out = [...events.push(`data: ${text}\n\n`), ...events.push(bytes(random)), ...events.push(random.one(['data: [DONE]\n\n', '\n', ''])), ...events.end()];
      for (const each of out) assert.ok(each.trim() === 'data: [DONE]' || JSON.parse(each.replace(/^data: /, '')));
    });
  });

  test('a body is renamed, or refused', () => {
    chance(RUNS, (random) => {
      const body = JSON.stringify(spoilt(random, { model: words(random), messages: [words(random)], max_tokens: 5 }) ?? null);
      const cut = random.next() < 0.3 ? body.slice(0, random.below(body.length)) : body;
      try {
        const { body: sent } = renamed({ url: OPENAI, body: cut, model: 'b', provider: random.one([undefined, 'openai', 'openai-compatible']) });
        if (sent !== '') assert.equal(JSON.parse(sent).model, 'b');
      } catch (error) {
        // What begins well is not read to its end.
        assert.ok(error instanceof NotTranslatable || (error instanceof SyntaxError && cut !== body), error.stack);
      }
    });
  });
});

// ---------------------------------------------------------------- what is drawn

/** A request in the part that can be carried, and what it is after going there and back. */
function geminiRequest(random) {
  const contents = [];
  const back = [];
  let n = 0;
  for (let turn = 0; turn < 1 + random.below(4); turn += 1) {
    const asked = userParts(random);
    contents.push({ ...(random.next() < 0.9 && { role: 'user' }), parts: asked.map(({ gemini }) => gemini) });
    back.push({ role: 'user', parts: asked.map(({ gemini }) => gemini) });
    if (random.next() < 0.5) {
      const calls = Array.from({ length: 1 + random.below(3) }, () => {
        n += 1;
        return { id: random.maybe(0.3, () => `own_${n}`), made: `call_${n}`, name: name(random), args: object(random) };
      });
      const said = random.maybe(0.5, () => ({ text: `${words(random)}.` }));
      const thought = random.maybe(0.3, () => ({ text: words(random), thought: true }));
      const functionCall = ({ id, name: called, args }) => ({ functionCall: { id, name: called, args } });
      contents.push({ role: 'model', parts: [thought, said, ...calls.map(functionCall)].filter(Boolean) });
      back.push({ role: 'model', parts: [said, ...calls.map((call, at) => ({ functionCall: { id: call.id ?? call.made, name: call.name, args: call.args }, ...(at === 0 && { thoughtSignature: SKIP }) }))].filter(Boolean) });
      const results = calls.map((call) => ({ call, response: random.next() < 0.5 ? { output: `${words(random)}.` } : object(random, 'result') }));
      const answer = ({ call, response }, id) => ({ functionResponse: { id, name: call.name, response } });
      contents.push({ role: random.one(['user', 'function']), parts: results.map((result) => answer(result, result.call.id)) });
      back.push({ role: 'user', parts: results.map((result) => answer(result, result.call.id ?? result.call.made)) });
    } else if (random.next() < 0.7) {
      const text = words(random);
      const content = { role: 'model', parts: [{ text: text.slice(0, 3) }, { text: text.slice(3) }] };
      contents.push(content);
      back.push({ role: 'model', parts: [{ text }] });
    }
  }
  const instruction = random.maybe(0.5, () => ({ parts: [{ text: 'Speak JSON.' }, ...random.some(2, () => ({ text: words(random) }))] }));
  const format = instruction && random.maybe(0.6, () => formatOf(random));
  const numbers = numbersOf(random);
  const thinking = random.maybe(0.3, () => random.one(['LOW', 'MEDIUM', 'HIGH']));
  const config = (response) => nonEmpty({
    ...numbers.gemini, candidateCount: numbers.count, maxOutputTokens: numbers.most, stopSequences: numbers.stops,
    thinkingConfig: thinking && { thinkingLevel: thinking }, ...response,
  });
  const tools = random.maybe(0.5, () => toolsOf(random));
  const given = { contents, systemInstruction: instruction, generationConfig: config(format?.gemini), tools: tools?.gemini, toolConfig: tools?.choice?.gemini };
  const after = { contents: back, systemInstruction: instruction, generationConfig: config(format?.back), tools: tools?.back, toolConfig: tools?.choice?.gemini };
  return { given: random.next() < 0.5 ? underscored(plain(given)) : given, back: after };
}

function openaiRequest(random) {
  const messages = [];
  const back = [];
  const add = (message, after = message) => {
    messages.push(message);
    back.push(after);
  };
  const instructions = random.some(2, () => words(random));
  instructions.forEach((content, at) => messages.push({ role: at === 0 ? 'system' : 'developer', content }));
  if (instructions.length > 0) back.push({ role: 'system', content: instructions.length === 1 ? instructions[0] : instructions.map((text) => ({ type: 'text', text })) });
  let n = 0;
  for (let turn = 0; turn < 1 + random.below(4); turn += 1) {
    const parts = userParts(random).map(({ openai }) => openai);
    add({ role: 'user', content: parts.length === 1 && parts[0].type === 'text' && random.next() < 0.5 ? parts[0].text : parts }, { role: 'user', content: parts.length === 1 && parts[0].type === 'text' ? parts[0].text : parts });
    if (random.next() < 0.5) {
      const calls = Array.from({ length: 1 + random.below(3) }, () => {
        n += 1;
        return { id: `id_${n}`, type: 'function', function: { name: name(random), arguments: JSON.stringify(object(random)) } };
      });
      add({ role: 'assistant', content: random.maybe(0.5, () => `${words(random)}.`) ?? null, tool_calls: calls });
      for (const { id } of calls) add({ role: 'tool', tool_call_id: id, content: random.next() < 0.5 ? `${words(random)}.` : JSON.stringify(object(random, 'result')) });
    } else if (random.next() < 0.7) {
      add({ role: 'assistant', content: words(random) });
    }
  }
  const numbers = numbersOf(random);
  const effort = random.maybe(0.3, () => random.one(['low', 'medium', 'high']));
  const tools = random.maybe(0.5, () => toolsOf(random));
  const format = random.maybe(0.4, () => formatOf(random).openai);
  const body = { ...numbers.openai, n: numbers.count, max_completion_tokens: numbers.most, stop: numbers.stops, reasoning_effort: effort, response_format: format, tools: tools?.openai, tool_choice: tools?.choice?.openai };
  // Whether it can be enforced is found anew from the schema.
  return { given: { model: 'x', messages, ...body }, back: { model: 'gpt-fake', messages: back, ...body } };
}

/** Parts that a user may send, in both dialects. */
function userParts(random) {
  const make = () => {
    const data = random.one(['aa+/', 'QUJD', '']);
    const text = words(random);
    return random.one([
      { gemini: { text }, openai: { type: 'text', text } },
      { gemini: { inlineData: { mimeType: 'image/png', data } }, openai: { type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } } },
      { gemini: { inlineData: { mimeType: 'audio/wav', data } }, openai: { type: 'input_audio', input_audio: { data, format: 'wav' } } },
      { gemini: { inlineData: { mimeType: 'application/pdf', data } }, openai: { type: 'file', file: { filename: 'document.pdf', file_data: `data:application/pdf;base64,${data}` } } },
    ]);
  };
  return [make(), ...random.some(2, make)];
}

function numbersOf(random) {
  const draw = () => random.maybe(0.3, () => random.one([0, 0.5, 1]));
  const [temperature, topP, presence, frequency, seed] = [draw(), draw(), draw(), draw(), random.maybe(0.3, () => random.below(99))];
  return {
    gemini: { temperature, topP, presencePenalty: presence, frequencyPenalty: frequency, seed },
    openai: { temperature, top_p: topP, presence_penalty: presence, frequency_penalty: frequency, seed },
    count: random.maybe(0.2, () => 2 + random.below(3)), most: random.maybe(0.3, () => 1 + random.below(500)), stops: random.maybe(0.3, () => ['x', ...random.some(3, () => words(random))]),
  };
}

/** A schema as Gemini writes it, as JSON has it, and as OpenAI can enforce it, if it can. */
function schemaOf(random, depth = 2) {
  const description = random.maybe(0.3, () => words(random));
  const scalar = () => {
    const type = random.one(['STRING', 'NUMBER', 'INTEGER', 'BOOLEAN']);
    const nullable = random.maybe(0.2, () => true);
    const lower = type.toLowerCase();
    const json = { type: nullable ? [lower, 'null'] : lower, description };
    const loose = random.maybe(0.15, () => '3');
    return { gemini: { type, nullable, description, minLength: loose }, json: { ...json, minLength: loose && 3 }, strict: loose ? undefined : json };
  };
  const kind = depth === 0 ? 'scalar' : random.one(['scalar', 'array', 'object']);
  if (kind === 'scalar') return scalar();
  if (kind === 'array') {
    const items = schemaOf(random, depth - 1);
    const make = (inside) => ({ type: 'array', description, items: inside, minItems: 1 });
    return { gemini: { ...make(items.gemini), type: 'ARRAY' }, json: make(items.json), strict: items.strict && make(items.strict) };
  }
  return objectSchema(random, depth, description);
}

function objectSchema(random, depth, description) {
  const properties = Array.from({ length: 1 + random.below(3) }, (_, at) => [random.one(['a', 'items', 'type', 'x y', 'constructor']) + at, schemaOf(random, depth - 1)]);
  const all = properties.map(([key]) => key);
  const required = random.next() < 0.7 ? all : all.slice(1);
  const make = (form) => ({ type: 'object', description, required: required.length > 0 ? required : undefined, properties: Object.fromEntries(properties.map(([key, schema]) => [key, schema[form]])) });
  const strict = required === all && properties.every(([, schema]) => schema.strict !== undefined);
  return { gemini: { ...make('gemini'), type: 'OBJECT' }, json: make('json'), strict: strict ? { ...make('strict'), additionalProperties: false } : undefined };
}

function formatOf(random) {
  const responseMimeType = 'application/json';
  if (random.next() < 0.3) {
    const json = { responseMimeType };
    // Only what speaks of JSON may ask for it so: a word is put in otherwise.
    return { gemini: json, back: json, openai: undefined };
  }
  const schema = objectSchema(random, 2, undefined);
  const sent = schema.strict ?? schema.json;
  return {
    gemini: { responseMimeType, responseSchema: schema.gemini }, back: { responseMimeType, responseJsonSchema: sent },
    openai: { type: 'json_schema', json_schema: { name: 'response', schema: sent, strict: schema.strict !== undefined } },
  };
}

function toolsOf(random) {
  const functions = Array.from({ length: 1 + random.below(3) }, (_, at) => {
    const schema = random.maybe(0.8, () => objectSchema(random, 2, undefined));
    return { called: `f_${at}`, description: random.maybe(0.5, () => words(random)), schema };
  });
  const one = functions[0].called;
  const choice = random.maybe(0.6, () => random.one([
    { gemini: { mode: 'NONE' }, openai: 'none' }, { gemini: { mode: 'ANY' }, openai: 'required' },
    // Declarations that may not be called stay behind.
    ...(functions.length === 1 ? [{ gemini: { mode: 'ANY', allowedFunctionNames: [one] }, openai: { type: 'function', function: { name: one } } }] : []),
  ]));
  const declaration = (own) => ({ name: own.called, description: own.description });
  return {
    gemini: [{ functionDeclarations: functions.map((own) => ({ ...declaration(own), parameters: own.schema?.gemini })) }],
    back: [{ functionDeclarations: functions.map((own) => ({ ...declaration(own), parametersJsonSchema: own.schema?.json })) }],
    openai: functions.map((own) => ({ type: 'function', function: { ...declaration(own), parameters: own.schema?.json } })),
    choice: choice && { gemini: { functionCallingConfig: choice.gemini }, openai: choice.openai },
  };
}

function openaiAnswer(random) {
  return {
    id: 'i', model: 'm', usage: { prompt_tokens: 3, completion_tokens: 4, completion_tokens_details: { reasoning_tokens: 1 } },
    choices: [{
      index: 0, finish_reason: random.one(['stop', 'length', null]), delta: { content: words(random), tool_calls: [{ index: 0, id: 'a', function: { name: 'f', arguments: '{"a":1}' } }] },
      message: { content: words(random), refusal: null, reasoning: words(random), tool_calls: [{ id: 'a', function: { name: 'f', arguments: '{"a":1}' } }] },
    }],
  };
}

function geminiAnswer(random) {
  return {
    responseId: 'r', modelVersion: 'm', usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 4, thoughtsTokenCount: 1 }, promptFeedback: random.maybe(0.2, () => ({ blockReason: 'SAFETY' })),
    candidates: [{ index: 0, finishReason: random.one(['STOP', 'SAFETY', undefined]), content: { role: 'model', parts: [{ text: words(random) }, { functionCall: { name: 'f', args: { a: 1 } } }] } }],
  };
}

/** With something in it changed, taken away or put in. */
function spoilt(random, document) {
  let out = document;
  for (let n = random.below(3); n >= 0; n -= 1) {
    const places = [];
    const walk = (value, set) => {
      places.push(set);
      if (value !== null && typeof value === 'object') for (const key of Object.keys(value)) walk(value[key], (other) => { value[key] = other; });
    };
    walk(out, (other) => { out = other; });
    random.one(places)(garbage(random));
  }
  return out;
}

function garbage(random) {
  return random.one([null, undefined, 0, -1, 1e308, true, '', 'x', '__proto__', [], {}, [null], [[]], [7], ['x'], { x: 1 }, { error: 7 }, { parts: 7 }, { role: 'x' }, { text: {} }, { index: {} }, [{}], { function: null }, { message: [] }]);
}

const SYLLABLES = ['a', 'Grü', 'ße', ' ', '😀', '"', '\\', '\n', '{', '0', 'data:', '</b>', '\u2028', '\u0000'];

function words(random) {
  return random.some(5, () => random.one(SYLLABLES)).join('');
}

function name(random) {
  return random.one(['f', 'get_weather', 'a-b', 'X9']);
}

/** @param {string} [key] one that is there for sure */
function object(random, key) {
  const entries = random.some(3, (at) => [random.one(['a', 'b', 'constructor', 'snake_case', 'ü']) + at, random.one([1, 'x', null, [1, { a: 2 }], { b: [] }, true])]);
  return Object.fromEntries(key === undefined ? entries : [[key, 1], ...entries]);
}

function bytes(random) {
  return Uint8Array.from(random.some(30, () => random.one([random.below(256), 10, 13, 58, 123, 32])));
}

function first(value) {
  return Array.isArray(value) ? value[0] : value;
}

function nonEmpty(value) {
  return Object.keys(plain(value)).length > 0 ? value : undefined;
}

/** Google's JSON may write the names of its own fields with underscores. */
function underscored(value) {
  if (Array.isArray(value)) return value.map(underscored);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inside]) => [
    OWN.test(key) ? key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) : key,
    // What is the caller's own stays as it is.
    key === 'args' || key === 'response' ? inside : key === 'properties' ? Object.fromEntries(Object.entries(inside).map(([own, schema]) => [own, underscored(schema)])) : underscored(inside),
  ]));
}

const OWN = /^(?:systemInstruction|generationConfig|toolConfig|functionDeclarations|functionCallingConfig|allowedFunctionNames|functionCall|functionResponse|inlineData|mimeType|topP|maxOutputTokens|stopSequences|candidateCount|presencePenalty|responseMimeType|responseSchema|thinkingConfig|thinkingLevel|minItems|minLength)$/;
