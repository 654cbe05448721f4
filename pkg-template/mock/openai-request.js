// What OpenAI-shaped bodies ask for: used by OpenAI, Groq and Gemini's compatible path.

import { asList, countOrNull, isRecord } from './check.js';
import { TOKENS_PER_IMAGE, countTokens } from './tokens.js';
import { toolCall } from './tool.js';

/** @typedef {{ problem: string, param: string | null, code: string | null }} Problem */

/** @param {Record<string, any>} body @returns {import('./dialect.js').Asked | Problem} */
export function readChat(body) {
  if (typeof body.model !== 'string' || !body.model) return NO_MODEL;
  if (!Array.isArray(body.messages)) return missing('messages');
  if (body.messages.length === 0) {
    return { problem: "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.", param: 'messages', code: 'empty_array' };
  }
  /** @type {any[]} */ const contents = body.messages.map((/** @type {any} */ message) => message?.content);
  const texts = contents.map(itemText);
  const parts = contents.flat();
  const images = parts.filter((part) => part?.type === 'image_url').length;
  const tools = body.tools ? countTokens(JSON.stringify(body.tools)) : 0;
  const format = body.response_format ?? {};
  const last = body.messages.at(-1);
  const offered = asList(body.tools).filter((tool) => isRecord(tool?.function));
  return {
    body, model: body.model.replace(/^models\//, ''), requests: 1, images,
    prompt: texts.at(-1) ?? '',
    // A few tokens a message for its role, as in OpenAI's own counting recipe.
    input: texts.reduce((sum, text) => sum + countTokens(text) + 3, 0) + images * TOKENS_PER_IMAGE + tools,
    maxOutput: countOrNull(body.max_completion_tokens ?? body.max_tokens),
    stream: body.stream === true,
    includeUsage: body.stream_options?.include_usage === true,
    json: format.type === 'json_object' || format.type === 'json_schema',
    schema: format.json_schema?.schema ?? null,
    thinks: false,
    call: toolCall({
      tools: offered.map(({ function: { name, parameters } }) => ({ name: String(name), schema: parameters ?? null })),
      choice: isRecord(body.tool_choice) ? String(Object(body.tool_choice.function).name) : body.tool_choice ?? 'auto',
      prompt: texts.at(-1) ?? '', answered: last?.role === 'tool',
    }),
    files: parts.map((part) => part?.file?.file_id).filter((id) => typeof id === 'string'),
  };
}

/** @param {Record<string, any>} body @returns {import('./dialect.js').Asked | Problem} */
export function readEmbeddings(body) {
  if (typeof body.model !== 'string' || !body.model) return NO_MODEL;
  const texts = typeof body.input === 'string' ? [body.input] : body.input;
  if (!Array.isArray(texts) || texts.length === 0 || texts.some((text) => typeof text !== 'string')) {
    return missing('input');
  }
  return {
    body, model: body.model.replace(/^models\//, ''), prompt: texts[0], maxOutput: null, texts, dimensions: countOrNull(body.dimensions), base64: body.encoding_format === 'base64',
    requests: texts.length, input: texts.reduce((sum, text) => sum + countTokens(text), 0),
  };
}

/** @type {Problem} */
export const NO_MODEL = { problem: 'you must provide a model parameter', param: null, code: null };

/** @param {string} param @returns {Problem} */
export function missing(param) {
  return { problem: `Missing required parameter: '${param}'.`, param, code: 'missing_required_parameter' };
}

/** Content is a text or a list of parts. @param {unknown} content @returns {string} */
export function itemText(content) {
  return asList(content).map((part) => (typeof part === 'string' ? part : typeof part?.text === 'string' ? part.text : '')).join('');
}
