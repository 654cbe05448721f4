// OpenAI's Responses API: what it asks for, and the response, whole or as the events that build it.

import { countOrNull, isRecord } from './check.js';
import { itemText, missing, NO_MODEL } from './openai-request.js';
import { ALPHANUMERIC, letters } from './random.js';
import { Reply } from './reply.js';
import { TOKENS_PER_IMAGE, countTokens, pieces } from './tokens.js';
import { toolCall } from './tool.js';

/** @param {Record<string, any>} body @returns {import('./dialect.js').Asked | import('./openai-request.js').Problem} */
export function readResponses(body) {
  if (typeof body.model !== 'string' || !body.model) return NO_MODEL;
  /** @type {any[]} */ const items = typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : body.input;
  if (!Array.isArray(items) || items.length === 0) return missing('input');
  const texts = items.map((item) => itemText(item?.output ?? item?.content ?? item?.arguments));
  const parts = items.flatMap((item) => (Array.isArray(item?.content) ? item.content : []));
  const images = parts.filter((part) => part?.type === 'input_image').length;
  const prompt = texts.at(-1) ?? '';
  const format = body.text?.format ?? {};
  const tools = (Array.isArray(body.tools) ? body.tools : []).filter((tool) => tool?.type === 'function');
  return {
    body, model: body.model, requests: 1, images, prompt,
    input: [body.instructions ?? '', ...texts].reduce((sum, text) => sum + countTokens(String(text)) + 3, 0) + images * TOKENS_PER_IMAGE
      + (tools.length ? countTokens(JSON.stringify(tools)) : 0),
    maxOutput: countOrNull(body.max_output_tokens),
    stream: body.stream === true,
    json: format.type === 'json_object' || format.type === 'json_schema',
    schema: format.schema ?? null,
    thinks: false,
    call: toolCall({
      tools: tools.map(({ name, parameters }) => ({ name: String(name), schema: parameters ?? null })),
      choice: isRecord(body.tool_choice) ? String(body.tool_choice.name) : body.tool_choice ?? 'auto',
      prompt, answered: items.at(-1)?.type === 'function_call_output',
    }),
    files: parts.map((part) => part?.file_id).filter((id) => typeof id === 'string'),
  };
}

/** @param {import('./dialect.js').Said} said @param {import('./dialect.js').Scene} scene */
export function responsesAnswer(said, scene) {
  const { asked, now, random } = scene;
  const id = (/** @type {string} */ kind) => `${kind}_${letters(random, 48, HEX)}`;
  const response = envelope(id('resp'), asked.body, now);
  const item = said.call === null
    ? { id: id('msg'), type: 'message', status: 'completed', role: 'assistant', content: [text(said.text)] }
    : { id: id('fc'), type: 'function_call', status: 'completed', call_id: `call_${letters(random, 24, ALPHANUMERIC)}`, name: said.call.name, arguments: JSON.stringify(said.call.args) };
  const output = said.output + said.thoughts;
  const ended = {
    ...response, output: [item], status: said.cut ? 'incomplete' : 'completed', completed_at: Math.floor(now / 1000),
    ...(said.cut && { incomplete_details: { reason: 'max_output_tokens' } }),
    usage: {
      input_tokens: asked.input, input_tokens_details: { cached_tokens: 0 },
      output_tokens: output, output_tokens_details: { reasoning_tokens: said.thoughts }, total_tokens: asked.input + output,
    },
  };
  if (!asked.stream) return new Reply(200, { 'content-type': 'application/json' }, JSON.stringify(ended));
  const place = { item_id: item.id, output_index: 0 };
  /** @type {[type: string, fields: object][]} */ const events = [
    ['response.created', { response }],
    ['response.in_progress', { response }],
    ['response.output_item.added', { output_index: 0, item: begun(item) }],
    ...(said.call === null ? textEvents(said.text, { ...place, content_index: 0 }) : callEvents(item, place)),
    ['response.output_item.done', { output_index: 0, item }],
    [`response.${ended.status}`, { response: ended }],
  ];
  return new Reply(200, { 'content-type': 'text/event-stream; charset=utf-8' },
    events.map(([type, fields], at) => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields, sequence_number: at })}\n\n`));
}

const HEX = '0123456789abcdef';
const CHUNK_CHARACTERS = 12;

/** @param {string} id @param {Record<string, any>} body @param {number} now */
function envelope(id, body, now) {
  return {
    id, object: 'response', created_at: Math.floor(now / 1000), status: 'in_progress', background: false, error: null, incomplete_details: null,
    instructions: body.instructions ?? null, max_output_tokens: body.max_output_tokens ?? null, model: body.model, output: [], parallel_tool_calls: true,
    previous_response_id: body.previous_response_id ?? null, reasoning: { effort: null, summary: null }, service_tier: 'default', store: body.store ?? true,
    temperature: body.temperature ?? 1, text: body.text ?? { format: { type: 'text' } }, tool_choice: body.tool_choice ?? 'auto', tools: body.tools ?? [],
    top_p: body.top_p ?? 1, truncation: 'disabled', usage: null, user: null, metadata: body.metadata ?? {},
  };
}

/** @param {string} words */
function text(words) {
  return { type: 'output_text', text: words, annotations: [], logprobs: [] };
}

/** An item before anything is in it. @param {Record<string, any>} item */
function begun(item) {
  return { ...item, status: 'in_progress', ...(item.type === 'message' ? { content: [] } : { arguments: '' }) };
}

/** @param {string} words @param {object} place @returns {[string, object][]} */
function textEvents(words, place) {
  return [
    ['response.content_part.added', { ...place, part: text('') }],
    ...pieces(words, CHUNK_CHARACTERS).map((delta) => /** @type {[string, object]} */ (['response.output_text.delta', { ...place, delta, logprobs: [] }])),
    ['response.output_text.done', { ...place, text: words, logprobs: [] }],
    ['response.content_part.done', { ...place, part: text(words) }],
  ];
}

/** @param {any} item @param {object} place @returns {[string, object][]} */
function callEvents({ name, arguments: whole }, place) {
  return [
    ...pieces(whole, CHUNK_CHARACTERS).map((delta) => /** @type {[string, object]} */ (['response.function_call_arguments.delta', { ...place, delta }])),
    ['response.function_call_arguments.done', { ...place, name, arguments: whole }],
  ];
}
