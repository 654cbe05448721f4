// Chat calls in another dialect: what is carried and how, what is named because it can't be, and how answers come back.
// The modules are pure: these tests import the sources, and need no built package.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NotTranslatable, dialectOf, renamed, translation } from '../../pkg-template/api/translate/index.js';

const GEMINI = 'https://generativelanguage.googleapis.com/v1beta/models/gemini-fake:generateContent';
const STREAM = GEMINI.replace('generateContent', 'streamGenerateContent');
const OPENAI = 'https://api.openai.com/v1/chat/completions';
const SOURCE = { gemini: GEMINI, openai: OPENAI };
const OTHER = { gemini: 'openai', openai: 'gemini' };
const MODEL = { gemini: 'gpt-fake', openai: 'gemini-3-fake' };

function translate(from, body, more = {}) {
  return translation({ from, to: OTHER[from], url: SOURCE[from], model: MODEL[from], provider: OTHER[from], body: JSON.stringify(body), now: () => 1_700_000_000_000, ...more });
}

const hi = { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] };
const hello = { model: 'gpt-x', messages: [{ role: 'user', content: 'Hi' }] };
const toOpenAI = (body, more) => JSON.parse(translate('gemini', body, more).body);
const toGemini = (body, more) => JSON.parse(translate('openai', body, more).body);

/** What is lost, by path. */
function lost(from, body, more) {
  try {
    translate(from, body, more);
    return [];
  } catch (error) {
    assert.ok(error instanceof NotTranslatable, error?.stack);
    assert.equal(error.code, 'NOT_TRANSLATABLE');
    for (const { path, why } of error.lost) assert.ok(error.lost.length > 10 || (error.message.includes(path) && error.message.includes(why)), error.message);
    return error.lost.map(({ path }) => path);
  }
}

// ---------------------------------------------------------------- Gemini to OpenAI

describe('a request of Gemini, for OpenAI', () => {
  const contents = [
    ['text', [{ parts: [{ text: 'Hi' }] }], [{ role: 'user', content: 'Hi' }]],
    ['texts apart', [{ role: 'user', parts: [{ text: 'a' }, { text: 'b' }] }], [{ role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'text', text: 'b' }] }]],
    ['what the model said, in one', [{ role: 'model', parts: [{ text: 'a' }, { text: 'b' }] }], [{ role: 'assistant', content: 'ab' }]],
    ['without its thoughts', [{ role: 'model', parts: [{ text: 'hm', thought: true }, { text: 'a', thoughtSignature: 'x' }] }], [{ role: 'assistant', content: 'a' }]],
    ['a picture', [{ parts: [{ text: 'a' }, { inlineData: { mimeType: 'image/png', data: 'aa-_' } }] }],
      [{ role: 'user', content: [{ type: 'text', text: 'a' }, { type: 'image_url', image_url: { url: 'data:image/png;base64,aa+/' } }] }]],
    ['a picture in the words of curl', [{ parts: [{ inline_data: { mime_type: 'IMAGE/JPEG', data: 'aa' } }] }], [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/jpeg;base64,aa' } }] }]],
    ['sound', [{ parts: [{ inlineData: { mimeType: 'audio/mpeg', data: 'aa' } }] }], [{ role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'aa', format: 'mp3' } }] }]],
    ['a document', [{ parts: [{ inlineData: { mimeType: 'application/pdf', data: 'aa', displayName: 'x.pdf' } }] }],
      [{ role: 'user', content: [{ type: 'file', file: { filename: 'x.pdf', file_data: 'data:application/pdf;base64,aa' } }] }]],
    ['calls and their answers, ids made up in order', [
      { role: 'model', parts: [{ text: 'Well' }, { functionCall: { name: 'f', args: { a: 1 } } }, { functionCall: { name: 'g' } }] },
      { role: 'user', parts: [{ functionResponse: { name: 'g', response: { output: 'x' } } }, { functionResponse: { name: 'f', response: { b: [2] } } }] },
      { role: 'model', parts: [{ functionCall: { name: 'f', args: {} } }] },
      { role: 'function', parts: [{ functionResponse: { name: 'f', response: { error: 'no' } } }, { text: 'and?' }] },
    ], [
      { role: 'assistant', content: 'Well', tool_calls: [called('call_1', 'f', '{"a":1}'), called('call_2', 'g', '{}')] },
      { role: 'tool', tool_call_id: 'call_2', content: 'x' }, { role: 'tool', tool_call_id: 'call_1', content: '{"b":[2]}' },
      { role: 'assistant', content: null, tool_calls: [called('call_3', 'f', '{}')] },
      { role: 'tool', tool_call_id: 'call_3', content: '{"error":"no"}' }, { role: 'user', content: 'and?' },
    ]],
    ['calls of one name with ids, answered in turn', [
      { role: 'model', parts: [{ functionCall: { id: 'one', name: 'f', args: {} } }, { functionCall: { id: 'two', name: 'f', args: {} } }] },
      { role: 'user', parts: [{ functionResponse: { id: 'two', name: 'f', response: { output: '2' } } }, { functionResponse: { id: 'one', name: 'f', response: { output: '{"a":1}' } } }] },
    ], [
      { role: 'assistant', content: null, tool_calls: [called('one', 'f', '{}'), called('two', 'f', '{}')] },
      { role: 'tool', tool_call_id: 'two', content: '2' }, { role: 'tool', tool_call_id: 'one', content: '{"output":"{\\"a\\":1}"}' },
    ]],
    ['an answer by its name, where it has an id of its own', [
      { role: 'model', parts: [{ functionCall: { id: 'one', name: 'f', args: {} } }, { functionCall: { id: 'two', name: 'g', args: {} } }] },
      { role: 'user', parts: [{ functionResponse: { id: 'other', name: 'g', response: { output: 'x' } } }] },
    ], [{ role: 'assistant', content: null, tool_calls: [called('one', 'f', '{}'), called('two', 'g', '{}')] }, { role: 'tool', tool_call_id: 'two', content: 'x' }]],
  ];
  for (const [what, given, messages] of contents) {
    test(`carries ${what}`, () => assert.deepEqual(toOpenAI({ contents: given }), { model: 'gpt-fake', messages }));
  }

  test('makes the same ids each time, and none that is there already', () => {
    const body = { contents: [{ role: 'model', parts: [{ functionCall: { id: 'call_2', name: 'f' } }, { functionCall: { name: 'f' } }] }] };
    const ids = () => toOpenAI(body).messages[0].tool_calls.map(({ id }) => id);
    assert.deepEqual(ids(), ['call_2', 'call_3']);
    assert.deepEqual(ids(), ids());
  });

  test('carries instructions, in each form that Google reads', () => {
    for (const key of ['systemInstruction', 'system_instruction']) {
      for (const value of [{ parts: [{ text: 'Be kind' }] }, { role: 'system', parts: [{ text: 'Be kind' }] }]) {
        assert.deepEqual(toOpenAI({ ...hi, [key]: value }).messages[0], { role: 'system', content: 'Be kind' });
      }
    }
  });

  const config = [
    ['numbers', { temperature: 0.2, topP: 0.9, seed: 7, presencePenalty: 0.1, frequencyPenalty: -0.1, maxOutputTokens: 50 },
      { temperature: 0.2, top_p: 0.9, seed: 7, presence_penalty: 0.1, frequency_penalty: -0.1, max_completion_tokens: 50 }],
    ['numbers as text, and names with underscores', { top_p: '0.9', max_output_tokens: '50' }, { top_p: 0.9, max_completion_tokens: 50 }],
    ['zeros', { temperature: 0, seed: 0 }, { temperature: 0, seed: 0 }],
    ['stops', { stopSequences: ['a', 'b'] }, { stop: ['a', 'b'] }],
    ['several answers', { candidateCount: 3 }, { n: 3 }],
    ['nothing where one is asked for, or nothing', { candidateCount: 1, stopSequences: [], seed: null, responseMimeType: 'text/plain', responseModalities: ['TEXT'], responseLogprobs: false }, {}],
    ['a level of thinking', { thinkingConfig: { thinkingLevel: 'HIGH' } }, { reasoning_effort: 'high' }],
    ['a budget for thinking', { thinkingConfig: { thinkingBudget: 4096 } }, { reasoning_effort: 'medium' }],
    ['no effort where it is the model that decides', { thinkingConfig: { thinkingBudget: -1, includeThoughts: true } }, {}],
    ['a schema that OpenAI can enforce', { responseMimeType: 'application/json', responseSchema: { type: 'OBJECT', properties: { b: { type: 'STRING' }, a: { type: 'INTEGER', format: 'int32', nullable: true } }, required: ['a', 'b'], propertyOrdering: ['a', 'b'] } },
      { response_format: formatted({ type: 'object', properties: { a: { type: ['integer', 'null'] }, b: { type: 'string' } }, required: ['a', 'b'], additionalProperties: false }, true) }],
    ['a schema with an optional property, which it can\'t', { responseMimeType: 'application/json', responseSchema: { type: 'OBJECT', properties: { a: { type: 'STRING' } } } },
      { response_format: formatted({ type: 'object', properties: { a: { type: 'string' } } }, false) }],
    ['every word of a schema', { responseMimeType: 'application/json', responseSchema: { type: 'ARRAY', min_items: '1', maxItems: '3', items: { anyOf: [{ type: 'STRING', enum: ['x'], format: 'enum', nullable: true, title: 't', pattern: '.' }, { type: 'NUMBER', minimum: 0, maximum: 1, description: 'd', default: 0.5, example: 0.1 }], nullable: true } } },
      { response_format: formatted({ type: 'array', minItems: 1, maxItems: 3, items: { anyOf: [{ type: ['string', 'null'], enum: ['x', null], title: 't', pattern: '.' }, { type: 'number', minimum: 0, maximum: 1, description: 'd', default: 0.5, examples: [0.1] }, { type: 'null' }] } }, false) }],
    ['an object that may be null, inside one that can be enforced', { responseSchema: { type: 'OBJECT', properties: { a: { type: 'OBJECT', nullable: true, properties: { b: { type: 'STRING' } }, required: ['b'] } }, required: ['a'] } },
      { response_format: formatted({ type: 'object', properties: { a: { type: ['object', 'null'], properties: { b: { type: 'string' } }, required: ['b'], additionalProperties: false } }, required: ['a'], additionalProperties: false }, true) }],
    ['an object that may be null and have anything in it, which OpenAI can\'t enforce', { responseSchema: { type: 'OBJECT', properties: { a: { type: 'OBJECT', nullable: true } }, required: ['a'] } },
      { response_format: formatted({ type: 'object', properties: { a: { type: ['object', 'null'] } }, required: ['a'] }, false) }],
    ['a choice of schemas', { responseSchema: { type: 'OBJECT', properties: { a: { anyOf: [{ type: 'STRING' }, { type: 'TYPE_UNSPECIFIED', enum: ['x'] }] } } } },
      { response_format: formatted({ type: 'object', properties: { a: { anyOf: [{ type: 'string' }, { enum: ['x'] }] } } }, false) }],
    ['a JSON Schema as it is', { responseMimeType: 'application/json', responseJsonSchema: { $ref: '#/$defs/x', $defs: { x: { type: 'string', minLength: 1 } } } },
      { response_format: formatted({ $ref: '#/$defs/x', $defs: { x: { type: 'string', minLength: 1 } } }, false) }],
    ['a JSON Schema that can be enforced, without what only names its version', { responseJsonSchema: { $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object', properties: { x: { type: 'array', items: { $ref: '#/$defs/y' } } }, required: ['x'], $defs: { y: { type: 'object', properties: { z: { type: 'boolean' } }, required: ['z'] } } } },
      { response_format: formatted({ type: 'object', properties: { x: { type: 'array', items: { $ref: '#/$defs/y' } } }, required: ['x'], $defs: { y: { type: 'object', properties: { z: { type: 'boolean' } }, required: ['z'], additionalProperties: false } }, additionalProperties: false }, true) }],
  ];
  for (const [what, generationConfig, options] of config) {
    test(`carries ${what}`, () => assert.deepEqual(toOpenAI({ ...hi, generationConfig }), { model: 'gpt-fake', messages: [{ role: 'user', content: 'Hi' }], ...options }));
  }

  test('joins texts for servers that may read none but strings', () => {
    const parts = [{ text: 'a' }, { text: 'b' }];
    const { messages } = toOpenAI({ systemInstruction: { parts }, contents: [{ parts }, { parts: [...parts, { inlineData: { mimeType: 'image/png', data: 'aa' } }] }] }, { provider: 'openai-compatible' });
    assert.deepEqual(messages.map(({ content }) => (typeof content === 'string' ? content : content.length)), ['a\nb', 'a\nb', 3]);
  });

  test('asks for JSON in words where nobody does: OpenAI refuses the format without', () => {
    const generationConfig = { responseMimeType: 'application/json' };
    assert.deepEqual(toOpenAI({ ...hi, generationConfig }).messages[0], { role: 'system', content: 'Answer in JSON.' });
    assert.equal(toOpenAI({ contents: [{ parts: [{ text: 'Give me Json' }] }], generationConfig }).messages.length, 1);
    assert.deepEqual(toOpenAI({ ...hi, generationConfig }).response_format, { type: 'json_object' });
  });

  test('shows pictures as closely as was asked for', () => {
    const picture = { contents: [{ parts: [{ inlineData: { mimeType: 'image/png', data: 'aa' } }] }], generationConfig: { mediaResolution: 'MEDIA_RESOLUTION_LOW' } };
    assert.equal(toOpenAI(picture).messages[0].content[0].image_url.detail, 'low');
  });

  test('spares a model that may not think what asks for little', () => {
    for (const thinkingConfig of [{ thinkingBudget: 0 }, { thinkingBudget: 512 }, { thinkingLevel: 'MINIMAL' }, { thinkingLevel: 'low' }]) {
      const body = { ...hi, generationConfig: { thinkingConfig } };
      const { left, body: sent } = translate('gemini', body);
      assert.equal(JSON.parse(sent).reasoning_effort, undefined);
      assert.match(left[0].path, /^generationConfig\.thinkingConfig\.thinking(Budget|Level)$/);
      assert.equal(toOpenAI(body, { reasons: true }).reasoning_effort, 'low');
    }
    assert.deepEqual(lost('gemini', { ...hi, generationConfig: { thinkingConfig: { thinkingLevel: 'HIGH' } } }, { reasons: false }), ['generationConfig.thinkingConfig.thinkingLevel']);
  });

  const declared = { name: 'f', description: 'd', parameters: { type: 'OBJECT', properties: { a: { type: 'STRING' } }, required: ['a'] } };
  const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };
  const f = { type: 'function', function: { name: 'f', description: 'd', parameters: schema } };
  const g = { type: 'function', function: { name: 'g' } };
  const tools = [
    ['functions', undefined, { tools: [f, g] }],
    ['AUTO', { mode: 'AUTO' }, { tools: [f, g] }],
    ['NONE', { mode: 'NONE' }, { tools: [f, g], tool_choice: 'none' }],
    ['ANY', { mode: 'ANY' }, { tools: [f, g], tool_choice: 'required' }],
    ['ANY of one', { mode: 'ANY', allowedFunctionNames: ['g'] }, { tools: [g], tool_choice: { type: 'function', function: { name: 'g' } } }],
    ['ANY of two', { mode: 'ANY', allowed_function_names: ['f', 'g'] }, { tools: [f, g], tool_choice: 'required' }],
    ['VALIDATED, by schemas that are enforced', { mode: 'VALIDATED' }, { tools: [
      { type: 'function', function: { ...f.function, parameters: { ...schema, additionalProperties: false }, strict: true } },
      { type: 'function', function: { name: 'g', parameters: { type: 'object', properties: {}, required: [], additionalProperties: false }, strict: true } }] }],
  ];
  for (const [what, functionCallingConfig, options] of tools) {
    test(`carries tools: ${what}`, () => {
      const { model, messages, ...rest } = toOpenAI({ ...hi, tools: [{ functionDeclarations: [declared] }, { function_declarations: [{ name: 'g' }] }], ...(functionCallingConfig && { toolConfig: { functionCallingConfig } }) });
      assert.deepEqual(rest, options);
    });
  }

  test('carries a JSON Schema of parameters as it is', () => {
    const parametersJsonSchema = { type: 'object', properties: { a: { oneOf: [{ const: 1 }] } } };
    assert.deepEqual(toOpenAI({ ...hi, tools: [{ functionDeclarations: [{ name: 'f', parametersJsonSchema }] }] }).tools[0].function.parameters, parametersJsonSchema);
  });

  test('asks for a stream, and for a count of tokens where that is understood', () => {
    for (const [url, provider, expected] of [[GEMINI, 'openai', {}], [STREAM, 'openai', { stream: true, stream_options: { include_usage: true } }], [`${STREAM}?alt=sse`, 'groq', { stream: true, stream_options: { include_usage: true } }], [STREAM, 'openai-compatible', { stream: true }]]) {
      const { model, messages, ...rest } = toOpenAI(hi, { url, provider });
      assert.deepEqual(rest, expected, `${url} ${provider}`);
      assert.equal(translate('gemini', hi, { url, provider }).stream, expected.stream === true);
    }
    assert.equal(translate('gemini', hi).path, 'chat/completions');
  });

  test('calls the most output what the provider calls it', () => {
    const body = { ...hi, generationConfig: { maxOutputTokens: 9 } };
    for (const [provider, name] of [['openai', 'max_completion_tokens'], ['groq', 'max_completion_tokens'], ['openai-compatible', 'max_tokens'], [undefined, 'max_tokens']]) {
      assert.equal(toOpenAI(body, { provider })[name], 9, provider);
    }
  });

  const losses = [
    ['cachedContent', { ...hi, cachedContent: 'cachedContents/x' }],
    ['labels', { ...hi, labels: { a: 'b' } }],
    ['serviceTier', { ...hi, serviceTier: 'flex' }],
    ['made_up', { ...hi, made_up: 1 }],
    ['contents', { contents: [] }],
    ['contents', {}],
    ['contents', { contents: { parts: [{ text: 'Hi' }] } }],
    ['contents[0].role', { contents: [{ role: 'system', parts: [{ text: 'Hi' }] }] }],
    ['contents[0].parts[0].fileData', { contents: [{ parts: [{ fileData: { fileUri: 'https://x' } }] }] }],
    ['contents[0].parts[0].file_data', { contents: [{ parts: [{ file_data: { file_uri: 'https://x' } }] }] }],
    ['contents[0].parts[0].executableCode', { contents: [{ parts: [{ executableCode: { code: '1' } }] }] }],
    ['contents[0].parts[0].videoMetadata', { contents: [{ parts: [{ text: 'a', videoMetadata: { fps: 1 } }] }] }],
    ['contents[0].parts[0].inlineData.mimeType', { contents: [{ parts: [{ inlineData: { mimeType: 'video/mp4', data: 'aa' } }] }] }],
    ['contents[0].parts[0].inlineData', { contents: [{ role: 'model', parts: [{ inlineData: { mimeType: 'image/png', data: 'aa' } }] }] }],
    ['contents[0].parts[0].functionCall', { contents: [{ role: 'user', parts: [{ functionCall: { name: 'f' } }] }] }],
    ['contents[0].parts[0].functionResponse', { contents: [{ role: 'model', parts: [{ functionResponse: { name: 'f' } }] }] }],
    ['contents[0].parts[0].functionResponse', { contents: [{ parts: [{ functionResponse: { name: 'f', response: {} } }] }] }],
    ['contents[0].parts[0].functionCall.name', { contents: [{ role: 'model', parts: [{ functionCall: { name: 'a.b' } }] }] }],
    ['contents[0].parts[0].functionCall.args', { contents: [{ role: 'model', parts: [{ functionCall: { name: 'a', args: [1] } }] }] }],
    ['contents[0].parts[0].text', { contents: [{ parts: [{ text: 5 }] }] }],
    ['contents[0]', { contents: [null] }],
    ['contents[0].parts[0]', { contents: [{ parts: [7] }] }],
    ['systemInstruction.parts[0].inlineData', { ...hi, systemInstruction: { parts: [{ inlineData: {} }] } }],
    ['tools[0].googleSearch', { ...hi, tools: [{ googleSearch: {} }] }],
    ['tools[0].google_search', { ...hi, tools: [{ google_search: {} }] }],
    ['tools[1].codeExecution', { ...hi, tools: [{ functionDeclarations: [{ name: 'f' }] }, { codeExecution: {} }] }],
    ['tools[0].functionDeclarations[0].name', { ...hi, tools: [{ functionDeclarations: [{ name: 'a:b' }] }] }],
    ['tools[0].functionDeclarations[0].behavior', { ...hi, tools: [{ functionDeclarations: [{ name: 'a', behavior: 'NON_BLOCKING' }] }] }],
    ['tools[0].functionDeclarations[0].response', { ...hi, tools: [{ functionDeclarations: [{ name: 'a', response: { type: 'STRING' } }] }] }],
    ['tools[0].functionDeclarations[0].parameters.type', { ...hi, tools: [{ functionDeclarations: [{ name: 'a', parameters: { type: 'THING' } }] }] }],
    ['tools[0].functionDeclarations[0].parameters.properties.x.oneOf', { ...hi, tools: [{ functionDeclarations: [{ name: 'a', parameters: { type: 'OBJECT', properties: { x: { oneOf: [{}] } } } }] }] }],
    ['toolConfig.retrievalConfig', { ...hi, toolConfig: { retrievalConfig: { languageCode: 'de' } } }],
    ['toolConfig.functionCallingConfig.mode', { ...hi, toolConfig: { functionCallingConfig: { mode: 'SOME' } } }],
    ['toolConfig.functionCallingConfig.mode', { ...hi, tools: [{ functionDeclarations: [{ name: 'f', parameters: { type: 'OBJECT', properties: { a: { type: 'STRING' } } } }] }], toolConfig: { functionCallingConfig: { mode: 'VALIDATED' } } }],
    ['toolConfig.functionCallingConfig.allowedFunctionNames', { ...hi, tools: [{ functionDeclarations: [{ name: 'f' }] }], toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['h'] } } }],
    ...['topK', 'speechConfig', 'logprobs', 'enableEnhancedCivicAnswers', 'imageConfig'].map((name) => [`generationConfig.${name}`, { ...hi, generationConfig: { [name]: 3 } }]),
    ['generationConfig.responseLogprobs', { ...hi, generationConfig: { responseLogprobs: true } }],
    ['generationConfig.responseModalities', { ...hi, generationConfig: { responseModalities: ['TEXT', 'IMAGE'] } }],
    ['generationConfig.responseMimeType', { ...hi, generationConfig: { responseMimeType: 'text/x.enum' } }],
    ['generationConfig.mediaResolution', { ...hi, generationConfig: { mediaResolution: 'MEDIA_RESOLUTION_MEDIUM' } }],
    ['generationConfig.temperature', { ...hi, generationConfig: { temperature: 'warm' } }],
    ['generationConfig.stopSequences', { ...hi, generationConfig: { stopSequences: ['1', '2', '3', '4', '5'] } }],
    ['generationConfig.thinkingConfig.thinkingLevel', { ...hi, generationConfig: { thinkingConfig: { thinkingLevel: 'DEEP' } } }],
    ['safetySettings[1]', { ...hi, safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }, { category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_ONLY_HIGH' }] }],
  ];
  for (const [path, body, all = [path]] of losses) test(`names what it can't carry: ${path}`, () => assert.deepEqual(lost('gemini', body), all));

  test('names all of it at once, and repeats no values', () => {
    const body = { contents: [{ parts: [{ fileData: { fileUri: 'secret-uri' } }] }], cachedContent: 'secret-cache', generationConfig: { topK: 40, seed: 'secret-seed' }, tools: [{ googleSearch: {} }] };
    assert.deepEqual(lost('gemini', body).sort(), ['cachedContent', 'contents[0].parts[0].fileData', 'generationConfig.seed', 'generationConfig.topK', 'tools[0].googleSearch']);
    assert.throws(() => translate('gemini', body), (error) => !error.message.includes('secret'));
  });

  test('lets no filter fall silently, but those that filter nothing', () => {
    const { left } = translate('gemini', { ...hi, safetySettings: [{ category: 'A', threshold: 'OFF' }, { category: 'B', threshold: 'BLOCK_NONE' }] });
    assert.deepEqual(left.map(({ path }) => path), ['safetySettings[0]', 'safetySettings[1]']);
  });

  test('leaves out what the caller allows, and says so', () => {
    const body = { ...hi, generationConfig: { topK: 40 }, safetySettings: [{ category: 'A', threshold: 'BLOCK_ONLY_HIGH' }], tools: [{ googleSearch: {} }] };
    const { left, body: sent } = translate('gemini', body, { allow: ['generationConfig.topK', 'safetySettings', 'tools.googleSearch'] });
    assert.deepEqual(left.map(({ path }) => path), ['generationConfig.topK', 'safetySettings[0]', 'tools[0].googleSearch']);
    assert.deepEqual(JSON.parse(sent), { model: 'gpt-fake', messages: [{ role: 'user', content: 'Hi' }] });
    const pdf = { role: 'user', parts: [{ text: 'a' }, { fileData: {} }, { inlineData: { mimeType: 'video/mp4', data: 'aa' } }, { functionResponse: { name: 'f', response: {} } }] };
    const more = { contents: [pdf], generationConfig: { stopSequences: ['1', '2', '3', '4', '5'], seed: 'x' }, tools: [{ functionDeclarations: [{ name: 'a:b' }, { name: 'f', parameters: { type: 'OBJECT', properties: { x: { type: 'STRING' } } } }] }], toolConfig: { functionCallingConfig: { mode: 'VALIDATED' } } };
    assert.deepEqual(toOpenAI(more, { allow: ['contents.parts', 'generationConfig', 'tools', 'toolConfig.functionCallingConfig.mode'] }), {
      model: 'gpt-fake', messages: [{ role: 'user', content: 'a' }], tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: { x: { type: 'string' } } } } }],
    }, 'and nothing of it is left that would be refused there');
    assert.deepEqual(lost('gemini', body, { allow: ['generationConfig.top', 'safety', 'tools'] }), ['generationConfig.topK', 'safetySettings[0]']);
  });
});

// ---------------------------------------------------------------- OpenAI to Gemini

describe('a request of OpenAI, for Gemini', () => {
  const skip = 'skip_thought_signature_validator';
  const messages = [
    ['text', [{ role: 'user', content: 'Hi' }], { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] }],
    ['instructions, old and new', [{ role: 'system', content: 'a' }, { role: 'developer', content: [{ type: 'text', text: 'b' }] }, { role: 'user', content: 'Hi' }],
      { systemInstruction: { parts: [{ text: 'a' }, { text: 'b' }] }, contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] }],
    ['what the assistant said, refusals as well, without what its provider adds', [{ role: 'assistant', content: 'a', refusal: 'b', annotations: [], audio: null, reasoning_content: 'hm' }], { contents: [{ role: 'model', parts: [{ text: 'a' }, { text: 'b' }] }] }],
    ['parts', [{ role: 'user', content: [
      { type: 'text', text: 'a' }, { type: 'image_url', image_url: { url: 'data:image/png;base64,aa+/', detail: 'high' } }, { type: 'input_audio', input_audio: { data: 'bb', format: 'wav' } },
      { type: 'file', file: { filename: 'x.pdf', file_data: 'data:application/pdf;base64,cc' } },
    ] }], { contents: [{ role: 'user', parts: [{ text: 'a' }, { inlineData: { mimeType: 'image/png', data: 'aa+/' } }, { inlineData: { mimeType: 'audio/wav', data: 'bb' } }, { inlineData: { mimeType: 'application/pdf', data: 'cc' } }] }],
      generationConfig: { mediaResolution: 'MEDIA_RESOLUTION_HIGH' } }],
    ['calls and their results', [
      { role: 'assistant', content: null, tool_calls: [called('one', 'f', '{"a":1}'), called('two', 'g', '')] },
      { role: 'tool', tool_call_id: 'two', content: 'plain' }, { role: 'tool', tool_call_id: 'one', content: '{"b":2}' }, { role: 'user', content: 'and?' },
    ], { contents: [
      { role: 'model', parts: [{ functionCall: { id: 'one', name: 'f', args: { a: 1 } }, thoughtSignature: skip }, { functionCall: { id: 'two', name: 'g', args: {} } }] },
      { role: 'user', parts: [{ functionResponse: { id: 'two', name: 'g', response: { output: 'plain' } } }, { functionResponse: { id: 'one', name: 'f', response: { b: 2 } } }] },
      { role: 'user', parts: [{ text: 'and?' }] },
    ] }],
    ['several messages of the assistant as one turn, those of a user apart', [{ role: 'user', content: 'a' }, { role: 'user', content: 'b' }, { role: 'assistant', content: 'c' }, { role: 'assistant', content: 'd' }],
      { contents: [{ role: 'user', parts: [{ text: 'a' }] }, { role: 'user', parts: [{ text: 'b' }] }, { role: 'model', parts: [{ text: 'c' }, { text: 'd' }] }] }],
    ['the signature of a thought, where Google has given it', [{ role: 'assistant', tool_calls: [{ ...called('one', 'f', '{}'), extra_content: { google: { thought_signature: 'sig' } } }] }],
      { contents: [{ role: 'model', parts: [{ functionCall: { id: 'one', name: 'f', args: {} }, thoughtSignature: 'sig' }] }] }],
  ];
  for (const [what, given, expected] of messages) test(`carries ${what}`, () => assert.deepEqual(toGemini({ model: 'x', messages: given }), expected));

  test('asks for no signature of models that have none', () => {
    const body = { messages: [{ role: 'assistant', tool_calls: [called('one', 'f', '{}')] }] };
    assert.equal(toGemini(body, { model: 'gemini-2.5-flash' }).contents[0].parts[0].thoughtSignature, undefined);
  });

  const options = [
    ['numbers', { temperature: 0, top_p: 0.9, seed: 7, presence_penalty: 0.1, frequency_penalty: -0.1, max_tokens: 5 }, { temperature: 0, topP: 0.9, seed: 7, presencePenalty: 0.1, frequencyPenalty: -0.1, maxOutputTokens: 5 }],
    ['the newer of two names', { max_tokens: 5, max_completion_tokens: 6 }, { maxOutputTokens: 6 }],
    ['one stop', { stop: 'x' }, { stopSequences: ['x'] }],
    ['stops', { stop: ['x', 'y'] }, { stopSequences: ['x', 'y'] }],
    ['several answers', { n: 2 }, { candidateCount: 2 }],
    ['an effort', { reasoning_effort: 'low' }, { thinkingConfig: { thinkingLevel: 'LOW' } }],
    ['the highest effort', { reasoning_effort: 'xhigh' }, { thinkingConfig: { thinkingLevel: 'HIGH' } }],
    ['no effort', { reasoning_effort: 'none' }, { thinkingConfig: { thinkingLevel: 'MINIMAL' } }],
    ['JSON', { response_format: { type: 'json_object' } }, { responseMimeType: 'application/json' }],
    ['a schema', { response_format: { type: 'json_schema', json_schema: { name: 'x', description: 'd', strict: true, schema: { type: 'object', properties: {} } } } }, { responseMimeType: 'application/json', responseJsonSchema: { description: 'd', type: 'object', properties: {} } }],
    ['nothing where nothing is asked for', { response_format: { type: 'text' }, n: 1, stop: null, logprobs: false, modalities: ['text'], store: false, service_tier: 'auto', parallel_tool_calls: true, user: 'someone', metadata: { a: 'b' }, prompt_cache_key: 'x' }, undefined],
  ];
  for (const [what, given, generationConfig] of options) {
    test(`carries ${what}`, () => assert.deepEqual(toGemini({ ...hello, ...given }).generationConfig, generationConfig));
  }

  test('counts thoughts in tokens for Gemini 2.5, and spares the large ones what they refuse', () => {
    const config = (reasoning_effort, model) => toGemini({ ...hello, reasoning_effort }, { model }).generationConfig.thinkingConfig;
    assert.deepEqual(['none', 'minimal', 'low', 'medium', 'high'].map((effort) => config(effort, 'gemini-2.5-flash').thinkingBudget), [0, 1024, 1024, 8192, 24_576]);
    assert.deepEqual(config('none', 'gemini-2.5-pro'), { thinkingBudget: 128 });
    assert.deepEqual(config('minimal', 'gemini-3-pro'), { thinkingLevel: 'LOW' });
  });

  const tool = { type: 'function', function: { name: 'f', description: 'd', parameters: { type: 'object', properties: {} } } };
  const tools = [{ functionDeclarations: [{ name: 'f', description: 'd', parametersJsonSchema: { type: 'object', properties: {} } }] }];
  const choices = [
    ['auto', 'auto', undefined], ['none', 'none', { mode: 'NONE' }], ['required', 'required', { mode: 'ANY' }],
    ['a function', { type: 'function', function: { name: 'f' } }, { mode: 'ANY', allowedFunctionNames: ['f'] }],
    ['some, of which one must', { type: 'allowed_tools', allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'f' } }] } }, { mode: 'ANY', allowedFunctionNames: ['f'] }],
    ['some, of which one may', { type: 'allowed_tools', allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'f' } }] } }, { mode: 'VALIDATED', allowedFunctionNames: ['f'] }],
  ];
  for (const [what, tool_choice, functionCallingConfig] of choices) {
    test(`carries tools, and the choice of ${what}`, () => {
      const { contents, ...rest } = toGemini({ ...hello, tools: [tool], tool_choice });
      assert.deepEqual(rest, { tools, ...(functionCallingConfig && { toolConfig: { functionCallingConfig } }) });
    });
  }

  test('leaves out what the caller allows, all of it', () => {
    const parts = [{ type: 'text', text: 'a' }, { type: 'image_url', image_url: { url: 'https://example.com/a.png' } }, { type: 'video_url' }];
    const body = { messages: [{ role: 'user', content: parts }, { role: 'tool', tool_call_id: 'x', content: 'b' }], logprobs: true, tools: [{ type: 'custom', custom: {} }, tool] };
    assert.deepEqual(toGemini(body, { allow: ['messages', 'logprobs', 'tools'] }), { contents: [{ role: 'user', parts: [{ text: 'a' }] }, { role: 'user', parts: [{ text: '' }] }], tools });
  });

  test('keeps a promise about arguments', () => {
    const strict = { ...tool, function: { ...tool.function, strict: true } };
    assert.deepEqual(toGemini({ ...hello, tools: [strict] }).toolConfig, { functionCallingConfig: { mode: 'VALIDATED' } });
    assert.deepEqual(toGemini({ ...hello, tools: [strict], tool_choice: 'required' }).toolConfig, { functionCallingConfig: { mode: 'ANY' } });
  });

  test('goes where Gemini answers', () => {
    assert.equal(translate('openai', hello).path, 'models/gemini-3-fake:generateContent');
    assert.equal(translate('openai', { ...hello, stream: true }, { model: 'models/gemini-x' }).path, 'models/gemini-x:streamGenerateContent?alt=sse');
  });

  const losses = [
    ...['audio', 'functions', 'function_call', 'web_search_options', 'moderation', 'made_up'].map((name) => [name, { ...hello, [name]: { a: 1 } }]),
    ['logprobs', { ...hello, logprobs: true }], ['top_logprobs', { ...hello, top_logprobs: 3 }], ['logit_bias', { ...hello, logit_bias: { 5: 1 } }],
    ['modalities', { ...hello, modalities: ['text', 'audio'] }], ['service_tier', { ...hello, service_tier: 'flex' }], ['store', { ...hello, store: true }], ['verbosity', { ...hello, verbosity: 'low' }],
    ['parallel_tool_calls', { ...hello, parallel_tool_calls: false }],
    ['reasoning_effort', { ...hello, reasoning_effort: 'some' }],
    ['n', { ...hello, n: 'two' }],
    ['stream_options.made_up', { ...hello, stream_options: { made_up: true } }],
    ['response_format.type', { ...hello, response_format: { type: 'xml' } }],
    ['response_format.json_schema.schema', { ...hello, response_format: { type: 'json_schema', json_schema: { name: 'x' } } }],
    ['messages', { messages: [{ role: 'system', content: 'a' }] }], ['messages', {}],
    ['messages[1]', { messages: [...hello.messages, { role: 'system', content: 'later' }] }],
    ['messages[0].role', { messages: [{ role: 'function', content: 'a' }] }],
    ['messages[0].name', { messages: [{ role: 'user', name: 'Eve', content: 'a' }] }],
    ['messages[0].content[0].image_url.url', { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }] }] }],
    ['messages[0].content[0].image_url.url', { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/gif;base64,aa' } }] }] }],
    ['messages[0].content[0].image_url.url', { messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }],
    ['messages.content.image_url.detail', { messages: [{ role: 'user', content: ['low', 'high'].map((detail) => ({ type: 'image_url', image_url: { url: 'data:image/png;base64,aa', detail } })) }] }],
    ['messages[0].content[0].input_audio.format', { messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'aa', format: 'ogg' } }] }] }],
    ['messages[0].content[0].file.file_id', { messages: [{ role: 'user', content: [{ type: 'file', file: { file_id: 'x' } }] }] }, ['messages[0].content[0].file.file_id', 'messages[0].content[0].file.file_data']],
    ['messages[0].content[0]', { messages: [{ role: 'user', content: [{ type: 'video_url', text: 'a' }] }] }],
    ['messages[0].content[0]', { messages: [{ role: 'system', content: [{ type: 'image_url', image_url: { url: 'x' } }] }, ...hello.messages] }],
    ['messages[0].audio', { messages: [{ role: 'assistant', audio: { id: 'x' } }] }],
    ['messages[0].tool_calls[0].custom', { messages: [{ role: 'assistant', tool_calls: [{ id: 'x', type: 'custom', custom: {} }] }] }, ['messages[0].tool_calls[0].custom', 'messages[0].tool_calls[0].type']],
    ['messages[0].tool_calls[0].function.arguments', { messages: [{ role: 'assistant', tool_calls: [called('x', 'f', '{"a":')] }] }],
    ['messages[0].tool_calls[0].function.name', { messages: [{ role: 'assistant', tool_calls: [called('x', '', '{}')] }] }],
    ['tools[0].function.name', { ...hello, tools: [{ type: 'function', function: { description: 'nameless' } }] }],
    ['messages[0]', { messages: [{ role: 'tool', tool_call_id: 'x', content: 'a' }] }],
    ['messages[1].content[0]', { messages: [{ role: 'assistant', tool_calls: [called('x', 'f', '{}')] }, { role: 'tool', tool_call_id: 'x', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,aa' } }] }] }],
    ['messages[1].tool_call_id', { messages: [...hello.messages, { role: 'user', tool_call_id: 'x', content: 'a' }] }],
    ['tools[0]', { ...hello, tools: [{ type: 'custom', custom: { name: 'x' } }] }, ['tools[0].custom', 'tools[0]']],
    ['tool_choice', { ...hello, tool_choice: { type: 'custom', custom: { name: 'x' } } }],
  ];
  for (const [path, body, all = [path]] of losses) test(`names what it can't carry: ${path}`, () => assert.deepEqual(lost('openai', body), all));
});

// ---------------------------------------------------------------- answers

const whole = (from, document, status, body = from === 'gemini' ? hi : hello, more) => {
  const answer = translate(from, body, more).response(typeof document === 'string' ? document : JSON.stringify(document), status);
  return { status: answer.status, ...JSON.parse(answer.body) };
};

describe('an answer of OpenAI, for a caller of Gemini', () => {
  const completion = (message, finish_reason = 'stop', more = {}) => ({
    id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'gpt-5-2026', choices: [{ index: 0, message: { role: 'assistant', ...message }, logprobs: null, finish_reason }],
    usage: { prompt_tokens: 10, completion_tokens: 7, total_tokens: 17, prompt_tokens_details: { cached_tokens: 4 }, completion_tokens_details: { reasoning_tokens: 5 } }, ...more,
  });

  test('is Gemini\'s in every part', () => {
    assert.deepEqual(whole('gemini', completion({ content: 'Hello', refusal: null, annotations: [] })), {
      status: 200, candidates: [{ content: { parts: [{ text: 'Hello' }], role: 'model' }, finishReason: 'STOP', index: 0 }],
      usageMetadata: { promptTokenCount: 10, cachedContentTokenCount: 4, candidatesTokenCount: 2, thoughtsTokenCount: 5, totalTokenCount: 17 },
      modelVersion: 'gpt-5-2026', responseId: 'chatcmpl-1',
    });
  });

  test('may say nothing of tokens, nor of itself', () => {
    assert.deepEqual(whole('gemini', { choices: [{ message: { content: 'a' } }] }), { status: 200, candidates: [{ content: { parts: [{ text: 'a' }], role: 'model' }, index: 0 }] });
  });

  for (const [reason, finish] of [['stop', 'STOP'], ['length', 'MAX_TOKENS'], ['content_filter', 'SAFETY'], ['tool_calls', 'STOP'], ['function_call', 'STOP'], ['error', 'OTHER']]) {
    test(`ends by ${finish} for ${reason}`, () => assert.equal(whole('gemini', completion({ content: 'a' }, reason)).candidates[0].finishReason, finish));
  }

  test('counts no less than nothing where thoughts are counted apart', () => {
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 9, completion_tokens_details: { reasoning_tokens: 6 } };
    assert.deepEqual(whole('gemini', completion({ content: 'a' }, 'stop', { usage })).usageMetadata, { promptTokenCount: 1, candidatesTokenCount: 2, thoughtsTokenCount: 6, totalTokenCount: 9 });
  });

  test('has calls with their arguments read', () => {
    const { candidates: [{ content }] } = whole('gemini', completion({ content: null, tool_calls: [called('x', 'f', '{"a":[1]}'), called('y', 'g', '')] }, 'tool_calls'));
    assert.deepEqual(content.parts, [{ functionCall: { id: 'x', name: 'f', args: { a: [1] } } }, { functionCall: { id: 'y', name: 'g', args: {} } }]);
  });

  test('says in Gemini\'s word that a call is broken', () => {
    const { candidates: [candidate] } = whole('gemini', completion({ content: null, tool_calls: [called('x', 'f', '{"a":')] }, 'length'));
    assert.equal(candidate.finishReason, 'MALFORMED_FUNCTION_CALL');
    assert.deepEqual(candidate.content.parts, [{ text: '' }]);
  });

  test('says refusals as text', () => assert.deepEqual(whole('gemini', completion({ content: null, refusal: 'No.' })).candidates[0].content.parts, [{ text: 'No.' }]));

  test('has thoughts where they were asked for, in whichever field they came', () => {
    for (const message of [{ content: 'a', reasoning_content: 'hm' }, { content: 'a', reasoning: 'hm' }, { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }, { type: 'text', text: 'a' }] }]) {
      const asked = { ...hi, generationConfig: { thinkingConfig: { includeThoughts: true } } };
      assert.deepEqual(whole('gemini', completion(message), 200, asked).candidates[0].content.parts, [{ text: 'hm', thought: true }, { text: 'a' }]);
      const t = translate('gemini', hi);
      assert.deepEqual(JSON.parse(t.response(JSON.stringify(completion(message))).body).candidates[0].content.parts, [{ text: 'a' }]);
      assert.deepEqual(t.left.map(({ path }) => path), ['response.choices[0].message.reasoning']);
    }
  });

  test('has all of several', () => {
    const choices = ['a', 'b'].map((content, index) => ({ index, message: { content }, finish_reason: 'stop' }));
    assert.deepEqual(whole('gemini', completion({}, 'stop', { choices })).candidates.map(({ index, content }) => [index, content.parts[0].text]), [[0, 'a'], [1, 'b']]);
  });

  test('names what it can\'t say', () => {
    const t = translate('gemini', hi);
    const document = completion({ content: 'a', annotations: [{ type: 'url_citation' }], audio: { data: 'aa' } });
    document.choices[0].logprobs = { content: [] };
    t.response(JSON.stringify(document));
    assert.deepEqual(t.left.map(({ path }) => path), ['response.choices[0].logprobs', 'response.choices[0].message.annotations', 'response.choices[0].message.audio']);
  });
});

describe('an answer of Gemini, for a caller of OpenAI', () => {
  const said = (parts, finishReason = 'STOP', more = {}) => ({
    candidates: [{ content: { parts, role: 'model' }, finishReason, index: 0 }], modelVersion: 'gemini-3-flash', responseId: 'r1',
    usageMetadata: { promptTokenCount: 10, cachedContentTokenCount: 4, candidatesTokenCount: 2, thoughtsTokenCount: 5, toolUsePromptTokenCount: 1, totalTokenCount: 18 }, ...more,
  });

  test('is OpenAI\'s in every part', () => {
    assert.deepEqual(whole('openai', said([{ text: 'Hel' }, { text: 'lo', thoughtSignature: 's' }])), {
      status: 200, id: 'r1', object: 'chat.completion', created: 1_700_000_000, model: 'gemini-3-flash',
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hello', refusal: null }, logprobs: null, finish_reason: 'stop' }],
      usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18, prompt_tokens_details: { cached_tokens: 4 }, completion_tokens_details: { reasoning_tokens: 5 } },
    });
  });

  test('may be empty', () => {
    assert.equal(whole('openai', said([{ text: '' }])).choices[0].message.content, '');
    assert.equal(whole('openai', { candidates: [{ finishReason: 'SAFETY' }] }).choices[0].message.content, '');
  });

  test('may say nothing of tokens, nor of itself', () => {
    const { status, usage, id, model } = whole('openai', { candidates: [{ content: { parts: [{ text: 'a' }] }, finishReason: 'STOP' }] });
    assert.deepEqual([status, usage, id, model], [200, undefined, 'chatcmpl-1700000000', 'gemini-3-fake']);
  });

  for (const [reason, finish] of [['STOP', 'stop'], ['MAX_TOKENS', 'length'], ['SAFETY', 'content_filter'], ['RECITATION', 'content_filter'], ['MALFORMED_FUNCTION_CALL', 'content_filter']]) {
    test(`ends by ${finish} for ${reason}`, () => assert.equal(whole('openai', said([{ text: 'a' }], reason)).choices[0].finish_reason, finish));
  }

  test('has calls, with ids that are new in the conversation', () => {
    const body = { messages: [{ role: 'user', content: 'a' }, { role: 'assistant', tool_calls: [called('call_1', 'f', '{}')] }, { role: 'tool', tool_call_id: 'call_1', content: 'b' }] };
    const { choices: [choice] } = whole('openai', said([{ functionCall: { name: 'f', args: { a: 1 } } }, { functionCall: { id: 'own', name: 'g' } }]), 200, body);
    assert.deepEqual(choice, { index: 0, message: { role: 'assistant', content: null, refusal: null, tool_calls: [called('call_2', 'f', '{"a":1}'), called('own', 'g', '{}')] }, logprobs: null, finish_reason: 'tool_calls' });
  });

  test('is a refusal where the prompt was blocked', () => {
    const { choices: [choice] } = whole('openai', { promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: { promptTokenCount: 3, totalTokenCount: 3 } });
    assert.deepEqual(choice, { index: 0, message: { role: 'assistant', content: null, refusal: 'The prompt was blocked (SAFETY).' }, logprobs: null, finish_reason: 'content_filter' });
  });

  test('names what it can\'t say', () => {
    const t = translate('openai', hello);
    t.response(JSON.stringify({ candidates: [{ content: { parts: [{ text: 'hm', thought: true }, { inlineData: {} }] }, groundingMetadata: {}, finishReason: 'STOP' }] }));
    assert.deepEqual(t.left.map(({ path }) => path).sort(), ['model', 'response.candidates[0].content.parts[].inlineData', 'response.candidates[0].content.parts[].thought', 'response.candidates[0].groundingMetadata']);
  });
});

describe('an error', () => {
  const rate = { error: { message: 'Rate limit reached', type: 'requests', param: null, code: 'rate_limit_exceeded' } };

  test('of OpenAI is Gemini\'s to its caller', () => {
    assert.deepEqual(whole('gemini', rate, 429), { status: 429, error: { code: 429, message: 'Rate limit reached', status: 'RESOURCE_EXHAUSTED', details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'rate_limit_exceeded', domain: 'openai' }] } });
    assert.deepEqual(whole('gemini', { error: { message: 'Bad', type: 'invalid_request_error', param: 'n', code: null } }, 400).error.details[0], { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'invalid_request_error', domain: 'openai', metadata: { param: 'n' } });
    for (const [status, name] of [[400, 'INVALID_ARGUMENT'], [401, 'UNAUTHENTICATED'], [403, 'PERMISSION_DENIED'], [404, 'NOT_FOUND'], [413, 'INVALID_ARGUMENT'], [422, 'INVALID_ARGUMENT'], [500, 'INTERNAL'], [503, 'UNAVAILABLE'], [529, 'UNAVAILABLE']]) {
      assert.equal(whole('gemini', rate, status).error.status, name);
    }
  });

  test('of Gemini is OpenAI\'s to its caller', () => {
    assert.deepEqual(whole('openai', { error: { code: 429, message: 'Quota', status: 'RESOURCE_EXHAUSTED', details: [] } }, 429), { status: 429, error: { message: 'Quota', type: 'rate_limit_error', param: null, code: 'rate_limit_exceeded' } });
    assert.deepEqual(whole('openai', { error: { code: 400, message: 'Bad', status: 'INVALID_ARGUMENT', details: [{ reason: 'API_KEY_INVALID' }] } }, 400).error, { message: 'Bad', type: 'invalid_request_error', param: null, code: 'invalid_api_key' });
    assert.equal(whole('openai', [{ error: { code: 503, message: 'Busy', status: 'UNAVAILABLE' } }], 503).error.type, 'server_error');
  });

  test('is understood in whatever form it comes', () => {
    for (const [document, message] of [[{ error: 'Words' }, 'Words'], [{ message: 'Words' }, 'Words'], [{ detail: 'Words' }, 'Words'], [{ error: { error: { message: 'Words' } } }, 'Words'], ['<html>Words</html>', '<html>Words</html>'], ['', 'The provider answered with status 502.'], [{ code: 'x', error: 'Words' }, 'Words']]) {
      for (const from of ['gemini', 'openai']) {
        const { status, error } = whole(from, document, 502);
        assert.deepEqual([status, error.message], [502, message], JSON.stringify(document));
      }
    }
  });

  test('under a 200 has a status of its own', () => {
    for (const [error, status] of [[{ code: 503, message: 'a' }, 503], [{ status: 'RESOURCE_EXHAUSTED', message: 'a' }, 429], [{ code: 'rate_limit_exceeded', message: 'a' }, 429], [{ type: 'overloaded_error', message: 'a' }, 503], [{ message: 'a' }, 500], [{ code: 7, message: 'a' }, 500]]) {
      assert.equal(whole('openai', { error }, 200).status, status);
    }
  });

  test('takes the place of what can\'t be read', () => {
    for (const text of ['', 'null', '[]', '{}', '7', '<html>', '{"choices":7}', '{"candi', '['.repeat(100_000)]) {
      for (const from of ['gemini', 'openai']) assert.equal(whole(from, text).status, 502, text.slice(0, 20));
    }
  });

  test('of a stream without events comes in an array', () => {
    assert.equal(JSON.parse(translate('gemini', hi, { url: STREAM }).response(JSON.stringify(rate), 429).body)[0].error.code, 429);
    assert.equal(JSON.parse(translate('gemini', hi, { url: `${STREAM}?alt=sse` }).response(JSON.stringify(rate), 429).body).error.code, 429);
  });
});

// ---------------------------------------------------------------- at the door

describe('the door', () => {
  test('knows dialects by their URLs', () => {
    for (const [url, dialect] of [
      [GEMINI, 'gemini'], [`${STREAM}?alt=sse`, 'gemini'], [OPENAI, 'openai'], ['https://generativelanguage.googleapis.com/v1beta/openai/chat/completions', 'openai'], ['https://api.groq.com/openai/v1/chat/completions?x=1', 'openai'],
      ['https://api.anthropic.com/v1/messages', 'anthropic'], [GEMINI.replace('generateContent', 'embedContent'), undefined], ['https://api.openai.com/v1/embeddings', undefined], ['https://api.openai.com/v1/responses', undefined], ['', undefined],
    ]) assert.equal(dialectOf(url), dialect, url);
  });

  test('refuses what is no chat call', () => {
    for (const more of [{ url: GEMINI.replace('generateContent', 'countTokens') }, { url: OPENAI }, { to: 'gemini' }, { to: 'anthropic' }]) assert.deepEqual(lost('gemini', hi, more), ['url']);
    for (const body of ['', 'null', '[]', '"a"', '{', '['.repeat(100_000)]) {
      for (const from of ['gemini', 'openai']) assert.throws(() => translate(from, {}, { body }), ({ lost: [{ path }] }) => path === 'body');
    }
  });

  test('reads bytes', () => {
    const body = new TextEncoder().encode(JSON.stringify({ contents: [{ parts: [{ text: 'Grüße' }] }] }));
    assert.equal(toOpenAI(undefined, { body }).messages[0].content, 'Grüße');
  });

  test('survives what is nested deeper than a stack', () => {
    const deep = (open, inside, close) => open.repeat(50_000) + inside + close.repeat(50_000);
    const call = `{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f","args":${deep('{"a":', '1', '}')}}}]}]}`;
    const schema = `{"contents":[{"parts":[{"text":"a"}]}],"generationConfig":{"responseSchema":${deep('{"items":', '{}', '}')}}}`;
    for (const body of [call, schema]) assert.throws(() => translate('gemini', {}, { body }), NotTranslatable);
    const answer = `{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":${deep('{"a":', '1', '}')}}}]},"finishReason":"STOP"}]}`;
    assert.equal(translate('openai', hello).response(answer).status, 502);
  });

  test('treats names as names', () => {
    const body = '{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f","args":{"__proto__":{"x":1},"constructor":2}}}]}],"__proto__":{"topK":1},"constructor":1}';
    assert.throws(() => translate('gemini', {}, { body }), ({ lost: paths }) => paths.map(({ path }) => path).join() === '__proto__,constructor');
    const schema = '{"contents":[{"parts":[{"text":"a"}]}],"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"OBJECT","properties":{"__proto__":{"type":"STRING"}}}}]}]}';
    assert.match(translate('gemini', {}, { body: schema }).body, /"properties":\{"__proto__":\{"type":"string"\}\}/);
    assert.equal({}.x, undefined);
  });

  test('answers a Response with a Response', async () => {
    const completion = { choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }] };
    const given = new Response(JSON.stringify(completion), { headers: { 'content-type': 'application/json', 'content-encoding': 'gzip', 'x-request-id': 'r' } });
    const answer = await translate('gemini', hi).answer(given);
    assert.equal((await answer.json()).candidates[0].content.parts[0].text, 'Hi');
    assert.deepEqual([answer.status, answer.headers.get('content-encoding'), answer.headers.get('x-request-id')], [200, null, 'r']);
    const refused = await translate('gemini', hi, { url: `${STREAM}?alt=sse` }).answer(new Response('{"error":{"message":"No"}}', { status: 429, headers: { 'retry-after': '3' } }));
    assert.deepEqual([refused.status, refused.headers.get('retry-after'), (await refused.json()).error.status], [429, '3', 'RESOURCE_EXHAUSTED']);
  });
});

describe('another model of the same dialect', () => {
  const base = 'https://generativelanguage.googleapis.com/v1beta';

  test('is named in the path of Gemini, and in the body where that names one too', () => {
    assert.deepEqual(renamed({ url: `${base}/models/a:streamGenerateContent?alt=sse`, body: '{"contents":[]}', model: 'b' }), { url: `${base}/models/b:streamGenerateContent?alt=sse`, body: '{"contents":[]}' });
    assert.equal(renamed({ url: `${base}/models/a:generateContent`, body: '{"model":"models/a","contents":[]}', model: 'models/b' }).body, '{"model":"models/b","contents":[]}');
    const nested = '{"contents":[{"parts":[{"functionCall":{"name":"f","args":{"model": "x"}}}]}]}';
    assert.equal(renamed({ url: `${base}/models/a:generateContent`, body: nested, model: 'b' }).body, nested);
  });

  test('is named in the body of all others', () => {
    const cases = [
      ['{"model":"a","messages":[]}', '{"model":"b","messages":[]}'],
      [' { "model" : "a\\"" , "x": "model"}', '{"model":"b","x":"model"}'],
      ['{"messages":[{"content":"\\"model\\":\\"x\\""}],"model":"a"}', '{"messages":[{"content":"\\"model\\":\\"x\\""}],"model":"b"}'],
      ['{"tools":[{"properties":{"model":"x"}}],"model":"a"}', '{"tools":[{"properties":{"model":"x"}}],"model":"b"}'],
      ['{"model":"a","tools":[{"properties":{"model":"x"}}]}', '{"model":"b","tools":[{"properties":{"model":"x"}}]}'],
      ['{"messages":[]}', '{"messages":[],"model":"b"}'],
    ];
    for (const [body, expected] of cases) {
      for (const url of [OPENAI, `${base}/openai/chat/completions`, 'https://api.anthropic.com/v1/messages', 'https://api.openai.com/v1/embeddings']) {
        const out = renamed({ url, body, model: 'b' });
        assert.equal(out.url, url);
        assert.deepEqual(JSON.parse(out.body), JSON.parse(expected), body);
      }
    }
    assert.equal(renamed({ url: OPENAI, body: '{"model":"a",   "odd":1}', model: 'b' }).body, '{"model":"b",   "odd":1}', 'the rest is not read');
  });

  test('of another provider gets the most output under its name there', () => {
    const sent = (body, provider) => JSON.parse(renamed({ url: OPENAI, body: JSON.stringify(body), model: 'b', provider }).body);
    assert.deepEqual(sent({ model: 'a', max_completion_tokens: 5 }, 'openai-compatible'), { model: 'b', max_tokens: 5 });
    assert.deepEqual(sent({ model: 'a', max_tokens: 5 }, 'openai'), { model: 'b', max_completion_tokens: 5 });
    assert.deepEqual(sent({ model: 'a', max_tokens: 5 }, undefined), { model: 'b', max_tokens: 5 });
    assert.deepEqual(sent({ model: 'a', max_tokens: 5 }, 'anthropic'), { model: 'b', max_tokens: 5 });
    assert.deepEqual(sent({ model: 'a', note: '"max_tokens"' }, 'openai'), { model: 'b', note: '"max_tokens"' });
  });

  test('can\'t be named in what is no JSON', () => {
    for (const body of ['nonsense', '[]', '{"model":']) assert.throws(() => renamed({ url: OPENAI, body, model: 'b' }), NotTranslatable);
  });
});

function called(id, name, text) {
  return { id, type: 'function', function: { name, arguments: text } };
}

function formatted(schema, strict) {
  return { type: 'json_schema', json_schema: { name: 'response', schema, strict } };
}
