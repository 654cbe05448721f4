// Anthropic's Messages API: paths, key, bodies.

import { answer, count, limits, models, stamp } from './anthropic-answers.js';
import { file } from './anthropic-files.js';
import * as refusals from './anthropic-refusals.js';
import { asList, countOrNull, isRecord } from './check.js';
import { modelIn } from './dialect.js';
import { Reply } from './reply.js';
import { TOKENS_PER_IMAGE, countTokens } from './tokens.js';
import { toolCall } from './tool.js';

/** @type {import('./dialect.js').Dialect} */
export const anthropic = {
  name: 'anthropic',

  route({ method, url }) {
    const base = { version: 'v1', form: /** @type {const} */ ('native'), sse: true, model: null };
    if (/\/messages$/.test(url.pathname) && method === 'POST') return { ...base, kind: 'generate', method: 'messages' };
    if (/\/messages\/count_tokens$/.test(url.pathname) && method === 'POST') return { ...base, kind: 'count', method: 'count_tokens' };
    const ofFiles = /\/files(?:\/([^/]+))?$/.exec(url.pathname);
    if (ofFiles) {
      const methods = ofFiles[1] ? ['GET', 'DELETE'] : ['GET', 'POST'];
      return methods.includes(method) ? { ...base, kind: 'file', method: 'files', ...(ofFiles[1] && { id: modelIn(ofFiles[1]) }) } : null;
    }
    const found = /\/models(?:\/([^/]+))?$/.exec(url.pathname);
    if (!found || method !== 'GET') return null;
    return found[1] ? { ...base, kind: 'model', model: modelIn(found[1]), method: 'models' } : { ...base, kind: 'models', method: 'models' };
  },

  credential({ headers }) {
    // Browsers send an origin, and have to say that they mean it.
    if (headers.has('origin') && headers.get('anthropic-dangerous-direct-browser-access') !== 'true') return refusals.browserNotMeant();
    const key = headers.get('x-api-key');
    if (!key) return refusals.noKey();
    return headers.has('anthropic-version') ? key : refusals.badRequest('anthropic-version: header is required');
  },

  read(operation, text) {
    if (operation.kind === 'models' || operation.kind === 'model') return { body: {}, prompt: '', requests: 0, input: 0, maxOutput: null };
    const body = parse(text);
    if (!body) return refusals.badRequest('The request body is not valid JSON: unexpected character');
    if (typeof body.model !== 'string' || !body.model) return refusals.badRequest('model: Field required');
    if (operation.kind === 'generate' && !countOrNull(body.max_tokens)) return refusals.badRequest('max_tokens: Field required');
    if (!Array.isArray(body.messages)) return refusals.badRequest('messages: Field required');
    if (body.messages.length === 0) return refusals.badRequest('messages: at least one message is required');
    return readMessages(body);
  },

  /** Output is counted as it comes, not reserved: a large `max_tokens` refuses nobody. */
  cost: ({ requests, input }) => ({ requests, tokens: input, output: 1 }),
  settle: (_asked, { output, thoughts }) => ({ tokens: 0, output: output + thoughts }),

  limits,

  badKey: refusals.badKey,
  noSuchPath: refusals.noSuchPath,
  noSuchModel: refusals.noSuchModel,
  quota: refusals.rateLimited,
  failure: refusals.failure,
  status: refusals.status,
  streamError: refusals.streamError,
  models,
  count,
  embed: () => new Reply(404, {}, ''), // no path leads here
  generate: answer,
  file,
  noSuchFile: refusals.noSuchFile,
  stamp,
};

/** @param {Record<string, any>} body */
function readMessages(body) {
  /** @type {any[]} */ const blocks = [body.system ?? [], ...body.messages.map((/** @type {any} */ message) => message?.content ?? [])].flat();
  const images = blocks.filter((block) => block?.type === 'image').length;
  const tools = body.tools ? countTokens(JSON.stringify(body.tools)) : 0;
  const input = countTokens(blocks.map(textOf).join('')) + 3 * body.messages.length + images * TOKENS_PER_IMAGE + tools;
  if (input > MAX_INPUT_TOKENS) return refusals.badRequest(`prompt is too long: ${input} tokens > ${MAX_INPUT_TOKENS} maximum`);
  const last = asList(body.messages.at(-1)?.content);
  const prompt = last.map(textOf).join('');
  const format = body.output_config?.format ?? body.output_format;
  return {
    body, model: body.model, requests: 1, input, images, thinks: body.thinking?.type === 'enabled',
    prompt,
    call: toolCall({
      tools: asList(body.tools).filter((tool) => isRecord(tool?.input_schema)).map(({ name, input_schema: schema }) => ({ name: String(name), schema })),
      choice: { auto: 'auto', none: 'none', any: 'required', tool: String(body.tool_choice?.name) }[String(body.tool_choice?.type ?? 'auto')] ?? 'auto',
      prompt, answered: last.some((block) => block?.type === 'tool_result'),
    }),
    files: blocks.map((block) => block?.source?.file_id).filter((id) => typeof id === 'string'),
    maxOutput: countOrNull(body.max_tokens), stream: body.stream === true,
    json: isRecord(format), schema: format?.schema ?? null,
  };
}

/** @param {any} block @returns {string} */
function textOf(block) {
  if (typeof block === 'string') return block;
  if (block?.type === 'tool_result') return asList(block.content).map(textOf).join('');
  return typeof block?.text === 'string' ? block.text : '';
}

/** @param {string} text */
function parse(text) {
  try {
    const body = JSON.parse(text);
    return isRecord(body) ? /** @type {Record<string, any>} */ (body) : null;
  } catch {
    return null;
  }
}

const MAX_INPUT_TOKENS = 200_000;
