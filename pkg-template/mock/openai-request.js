// What OpenAI-shaped bodies ask for: used by OpenAI, Groq and Gemini's compatible path.

import { TOKENS_PER_IMAGE, countTokens } from './tokens.js';

/** @typedef {{ problem: string, param: string | null, code: string | null }} Problem */

/** @param {Record<string, any>} body @returns {import('./dialect.js').Asked | Problem} */
export function readChat(body) {
  if (typeof body.model !== 'string' || !body.model) return { problem: 'you must provide a model parameter', param: null, code: null };
  if (!Array.isArray(body.messages)) return { problem: "Missing required parameter: 'messages'.", param: 'messages', code: 'missing_required_parameter' };
  if (body.messages.length === 0) return { problem: "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.", param: 'messages', code: 'empty_array' };
  const texts = body.messages.map((/** @type {any} */ message) => textOf(message?.content));
  const images = body.messages.flatMap((/** @type {any} */ message) => (Array.isArray(message?.content) ? message.content : [])).filter((/** @type {any} */ part) => part?.type === 'image_url').length;
  const format = body.response_format ?? {};
  return {
    body, model: body.model.replace(/^models\//, ''), requests: 1, images,
    prompt: texts.at(-1) ?? '',
    // A few tokens a message for its role, as in OpenAI's own counting recipe.
    input: texts.reduce((sum, text) => sum + countTokens(text) + 3, 0) + images * TOKENS_PER_IMAGE + (body.tools ? countTokens(JSON.stringify(body.tools)) : 0),
    maxOutput: body.max_completion_tokens ?? body.max_tokens ?? null,
    stream: body.stream === true,
    includeUsage: body.stream_options?.include_usage === true,
    json: format.type === 'json_object' || format.type === 'json_schema',
    schema: format.json_schema?.schema ?? null,
    thinks: false,
  };
}

/** @param {Record<string, any>} body @returns {import('./dialect.js').Asked | Problem} */
export function readEmbeddings(body) {
  if (typeof body.model !== 'string' || !body.model) return { problem: 'you must provide a model parameter', param: null, code: null };
  const texts = typeof body.input === 'string' ? [body.input] : body.input;
  if (!Array.isArray(texts) || texts.length === 0 || texts.some((text) => typeof text !== 'string')) {
    return { problem: "Missing required parameter: 'input'.", param: 'input', code: 'missing_required_parameter' };
  }
  return {
    body, model: body.model.replace(/^models\//, ''), prompt: texts[0], maxOutput: null, texts, dimensions: body.dimensions ?? null,
    requests: texts.length, input: texts.reduce((sum, text) => sum + countTokens(text), 0),
  };
}

/** Content is a text or a list of parts. @param {unknown} content @returns {string} */
function textOf(content) {
  if (typeof content === 'string') return content;
  return Array.isArray(content) ? content.map((part) => (typeof part?.text === 'string' ? part.text : '')).join('') : '';
}
