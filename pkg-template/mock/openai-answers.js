// OpenAI-shaped answers, for OpenAI, Groq and Gemini's compatible path.

import { base64, embedding } from './embedding.js';
import { ALPHANUMERIC, letters } from './random.js';
import { Reply } from './reply.js';
import { pieces } from './tokens.js';

/**
 * @typedef {object} Manner what differs between the three
 * @property {string} id
 * @property {string} type
 * @property {Record<string, unknown>} extra
 * @property {Record<string, unknown>} [usage]
 * @property {(usage: object) => object} [last] what the chunk that ends a stream has on top
 */

/** @param {import('./dialect.js').Said} said @param {import('./dialect.js').Scene} scene @param {Manner} manner */
export function chatAnswer(said, scene, manner) {
  const { asked } = scene;
  const finish = said.call !== null ? 'tool_calls' : said.cut ? 'length' : 'stop';
  const call = said.call && { id: `call_${letters(scene.random, 24, ALPHANUMERIC)}`, type: 'function', function: { name: said.call.name, arguments: JSON.stringify(said.call.args) } };
  const output = said.output + said.thoughts;
  const usage = { prompt_tokens: asked.input, completion_tokens: output, total_tokens: asked.input + output, ...manner.usage };
  const head = (/** @type {string} */ object) => ({ id: manner.id, object, created: Math.floor(scene.now / 1000), model: asked.model });
  if (!asked.stream) {
    return new Reply(200, { 'content-type': manner.type }, JSON.stringify({
      ...head('chat.completion'),
      choices: [{ index: 0, message: { role: 'assistant', ...(call ? { content: null, tool_calls: [call] } : { content: said.text }) }, logprobs: null, finish_reason: finish }],
      usage, ...manner.extra,
    }));
  }
  const chunk = (/** @type {object[]} */ choices, /** @type {object} */ more = {}) => event({
    ...head('chat.completion.chunk'), ...manner.extra, choices,
    // Asked for usage, every chunk has the field, and only the one after the last choice has a value.
    ...(asked.includeUsage && { usage: null }), ...more,
  });
  const choice = (/** @type {object} */ delta, /** @type {string | null} */ reason = null) => [{ index: 0, delta, logprobs: null, finish_reason: reason }];
  return new Reply(200, { 'content-type': 'text/event-stream; charset=utf-8' }, [
    ...deltas(said.text, call).map((delta) => chunk(choice(delta))),
    chunk(choice({}, finish), manner.last?.(usage)),
    ...(asked.includeUsage ? [chunk([], { usage })] : []),
    'data: [DONE]\n\n',
  ]);
}

/** The name of a function comes at once, its arguments bit by bit. @param {string} text @param {{ function: { name: string, arguments: string } } | null} call @returns {object[]} */
function deltas(text, call) {
  if (call === null) return [{ role: 'assistant', content: '' }, ...pieces(text, CHUNK_CHARACTERS).map((content) => ({ content }))];
  const head = { ...call, function: { name: call.function.name, arguments: '' } };
  return [
    { role: 'assistant', content: null, tool_calls: [{ index: 0, ...head }] },
    ...pieces(call.function.arguments, CHUNK_CHARACTERS).map((bit) => ({ tool_calls: [{ index: 0, function: { arguments: bit } }] })),
  ];
}

/** @param {import('./dialect.js').Scene} scene */
export function embeddingAnswer({ asked }) {
  const data = (asked.texts ?? []).map((text, index) => {
    const vector = embedding(text, asked.dimensions ?? undefined);
    return { object: 'embedding', index, embedding: asked.base64 ? base64(vector) : vector };
  });
  return new Reply(200, { 'content-type': 'application/json' }, JSON.stringify({
    object: 'list', data, model: asked.model, usage: { prompt_tokens: asked.input, total_tokens: asked.input },
  }));
}

/** @param {string[]} names @param {import('./dialect.js').Operation} operation @param {string} owner */
export function modelList(names, operation, owner) {
  const data = names.map((id) => ({ id, object: 'model', created: 1_767_225_600, owned_by: owner }));
  return new Reply(200, { 'content-type': 'application/json' }, JSON.stringify(operation.kind === 'model' ? data[0] : { object: 'list', data }));
}

const CHUNK_CHARACTERS = 12;

/** @param {unknown} data */
function event(data) {
  return `data: ${JSON.stringify(data)}\n\n`;
}
