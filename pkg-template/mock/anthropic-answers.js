// Anthropic's answers: one message, or the events that build it.

import { REQUEST_ID, limitHeaders } from './anthropic-refusals.js';
import { ALPHANUMERIC, between, letters } from './random.js';
import { Reply } from './reply.js';
import { pieces } from './tokens.js';

/** @type {import('./dialect.js').Dialect['generate']} */
export function answer(said, scene) {
  const { asked, random } = scene;
  const message = { model: asked.model, id: `msg_01${letters(random, 22, ALPHANUMERIC)}`, type: 'message', role: 'assistant' };
  const stop = { stop_reason: said.call ? 'tool_use' : said.cut ? 'max_tokens' : 'end_turn', stop_sequence: null };
  const block = said.call
    ? { type: 'tool_use', id: `toolu_01${letters(random, 22, ALPHANUMERIC)}`, name: said.call.name, input: said.call.args }
    : { type: 'text', text: said.text };
  if (!asked.stream) {
    return new Reply(200, { 'content-type': 'application/json' }, JSON.stringify({
      ...message, content: [block], ...stop, usage: usage(asked.input, said.output + said.thoughts),
    }));
  }
  return new Reply(200, { 'content-type': 'text/event-stream; charset=utf-8' }, [
    event('message_start', { message: { ...message, content: [], stop_reason: null, stop_sequence: null, usage: usage(asked.input, 1) } }),
    event('content_block_start', { index: 0, content_block: { ...block, ...(said.call ? { input: {} } : { text: '' }) } }) + event('ping', {}),
    ...pieces(said.call ? JSON.stringify(said.call.args) : said.text, CHUNK_CHARACTERS).map((piece) => event('content_block_delta', {
      index: 0, delta: said.call ? { type: 'input_json_delta', partial_json: piece } : { type: 'text_delta', text: piece },
    })),
    event('content_block_stop', { index: 0 }),
    event('message_delta', { delta: stop, usage: { output_tokens: said.output + said.thoughts } }),
    event('message_stop', {}),
  ]);
}

/** @type {import('./dialect.js').Dialect['limits']} */
export function limits({ pool, now, random }) {
  // `retry-after` really is on many successes, and means nothing there: clients must not obey it.
  return { ...limitHeaders(pool, now), 'retry-after': String(between(random, 1, 59)) };
}

/** @type {import('./dialect.js').Dialect['count']} */
export function count({ asked }) {
  return new Reply(200, { 'content-type': 'application/json' }, JSON.stringify({ input_tokens: asked.input }));
}

/** @type {import('./dialect.js').Dialect['models']} */
export function models(names, operation) {
  const data = names.map((id) => ({ type: 'model', id, display_name: id, created_at: '2026-01-01T00:00:00Z' }));
  return new Reply(200, { 'content-type': 'application/json' }, JSON.stringify(operation.kind === 'model' ? data[0]
    : { data, has_more: false, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null }));
}

/** @type {import('./dialect.js').Dialect['stamp']} */
export function stamp(reply, { now, random }) {
  const id = `req_011${letters(random, 21, ALPHANUMERIC)}`;
  reply.pieces = reply.pieces.map((piece) => piece.replace(REQUEST_ID, id));
  reply.with({ date: new Date(now).toUTCString(), server: 'cloudflare', 'request-id': id });
}

const CHUNK_CHARACTERS = 16;

/** @param {string} type @param {Record<string, unknown>} fields */
function event(type, fields) {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
}

/** @param {number} input @param {number} output */
function usage(input, output) {
  return {
    input_tokens: input, cache_creation_input_tokens: 0, cache_read_input_tokens: 0,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 }, output_tokens: output, service_tier: 'standard',
  };
}
