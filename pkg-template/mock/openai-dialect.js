// What OpenAI and Groq have in common: paths, the bearer key, bodies, and token buckets that reserve what an answer may take.

import { isRecord } from './check.js';
import { modelIn } from './dialect.js';
import { embeddingAnswer, modelList } from './openai-answers.js';
import { openaiFiles } from './openai-files.js';
import { readChat, readEmbeddings } from './openai-request.js';
import { readResponses } from './openai-responses.js';
import { Reply } from './reply.js';

/** @typedef {import('./dialect.js').Dialect} Dialect */

/**
 * @typedef {object} Difference
 * @property {(code: number, error: ApiError) => Reply} refuse
 * @property {ApiError} noKey
 * @property {string} badJson
 * @property {string} owner of models, in lists
 * @property {boolean} refunds whether what was reserved and not used comes back
 */

/** @typedef {{ message: string, type: string, param?: string | null, code?: string | null }} ApiError */

/** @typedef {'route' | 'credential' | 'read' | 'cost' | 'settle' | 'models' | 'count' | 'embed' | 'noSuchModel' | 'file' | 'noSuchFile'} Common */

/** @param {Difference} difference @returns {Pick<Dialect, Common>} */
export function openaiDialect({ refuse, noKey, badJson, owner, refunds }) {
  /** @param {import('./openai-request.js').Problem} what */
  const problem = ({ problem: message, param, code }) => refuse(400, { message, type: 'invalid_request_error', param, code });
  return {
    route({ method, url }) {
      const found = /\/(chat\/completions|responses|embeddings|models|files)(?:\/(.+))?$/.exec(url.pathname);
      if (!found) return null;
      const base = { version: 'v1', form: /** @type {const} */ ('openai'), sse: true, model: null };
      const [, what, model] = found;
      if (what === 'models') {
        if (method !== 'GET') return null;
        return model ? { ...base, kind: 'model', model: modelIn(model), method: what } : { ...base, kind: 'models', method: what };
      }
      if (what === 'files') {
        const methods = model ? ['GET', 'DELETE'] : ['GET', 'POST'];
        return methods.includes(method) && !model?.includes('/') ? { ...base, kind: 'file', method: what, ...(model && { id: modelIn(model) }) } : null;
      }
      return method === 'POST' && !model ? { ...base, kind: what === 'embeddings' ? 'embed' : 'generate', method: what } : null;
    },

    credential({ headers }) {
      return /^Bearer\s+(.+)$/i.exec(headers.get('authorization') ?? '')?.[1] ?? refuse(401, noKey);
    },

    read(operation, text) {
      if (operation.kind === 'models' || operation.kind === 'model') return { body: {}, prompt: '', requests: 0, input: 0, maxOutput: null };
      const body = parse(text);
      if (!body) return refuse(400, { message: badJson, type: 'invalid_request_error', param: null, code: null });
      const asked = operation.kind === 'embed' ? readEmbeddings(body) : operation.method === 'responses' ? readResponses(body) : readChat(body);
      // One request however many texts it embeds: only Gemini counts the items.
      return 'problem' in asked ? problem(asked) : { ...asked, requests: 1 };
    },

    // What may be answered is reserved before anything is: a large `max_tokens` refuses a small question.
    cost: ({ requests, input, maxOutput }) => ({ requests, tokens: input + (maxOutput ?? 0), output: 0 }),

    settle({ maxOutput }, { output, thoughts }) {
      const change = output + thoughts - (maxOutput ?? 0);
      return { tokens: refunds ? change : Math.max(0, change), output: 0 };
    },

    noSuchModel(model) {
      const message = `The model \`${model}\` does not exist or you do not have access to it.`;
      return refuse(404, { message, type: 'invalid_request_error', param: null, code: 'model_not_found' });
    },

    models: (names, operation) => modelList(names, operation, owner),
    count: () => new Reply(404, {}, ''), // no path leads here
    embed: embeddingAnswer,
    ...openaiFiles(refuse),
  };
}

/** @param {string} text */
function parse(text) {
  try {
    const body = JSON.parse(text);
    return isRecord(body) ? body : null;
  } catch {
    return null;
  }
}
