// Gemini as it is spoken: paths, where the key is, what a request asks for. Native and OpenAI-compatible.

import { asList, countOrNull, isRecord } from './check.js';
import { modelIn } from './dialect.js';
import * as answers from './gemini-answers.js';
import { file, fileOperation, filesOf, noSuchFile } from './gemini-files.js';
import * as refusals from './gemini-refusals.js';
import { quotaExceeded } from './gemini-quota.js';
import { readChat, readEmbeddings } from './openai-request.js';
import { Reply } from './reply.js';
import { TOKENS_PER_IMAGE, countTokens } from './tokens.js';
import { toolCall } from './tool.js';

/** @typedef {import('./dialect.js').Operation} Operation */

/** @type {import('./dialect.js').Dialect} */
export const gemini = {
  name: 'gemini',

  route({ method, url }) {
    const path = url.pathname;
    const version = /\/(v1(?:alpha|beta)?\d*)\//.exec(path)?.[1] ?? 'v1beta';
    const openai = /\/openai\/(chat\/completions|embeddings|models)(?:\/([^/]+))?$/.exec(path);
    if (openai) return openaiOperation(method, version, openai[1], openai[2]);
    const base = { version, form: /** @type {const} */ ('native'), sse: url.searchParams.get('alt') === 'sse' };
    const verb = /\/models\/([^/:]+):(\w+)$/.exec(path);
    if (verb && method === 'POST' && verb[2] in METHODS) {
      return { ...base, kind: METHODS[/** @type {keyof typeof METHODS} */ (verb[2])], model: modelIn(verb[1]), method: verb[2] };
    }
    const ofFiles = fileOperation(method, url);
    if (ofFiles) return { ...base, sse: false, model: null, ...ofFiles };
    const models = /\/models(?:\/([^/:]+))?$/.exec(path);
    if (!models || method !== 'GET') return null;
    return models[1] ? { ...base, kind: 'model', model: modelIn(models[1]), method: 'getModel' } : { ...base, kind: 'models', model: null, method: 'listModels' };
  },

  credential({ url, headers }, operation) {
    const bearer = /^Bearer\s+(.+)$/i.exec(headers.get('authorization') ?? '')?.[1] ?? null;
    const header = headers.get('x-goog-api-key') || null;
    if (header && headers.has('authorization')) return refusals.twoCredentials(operation);
    if (operation?.form === 'openai') return bearer ?? header ?? refusals.noBearer(operation); // a key in the query is not looked at here
    if (bearer) return refusals.badKey('wrong-type', { operation, key: bearer, project: null });
    return header ?? (url.searchParams.get('key') || refusals.noKey(operation));
  },

  read(operation, text) {
    if (operation.kind === 'models' || operation.kind === 'model') return { body: {}, prompt: '', requests: 0, input: 0, maxOutput: null };
    const body = parse(text, operation);
    if (body instanceof Reply) return body;
    if (operation.form === 'openai') {
      const asked = operation.kind === 'embed' ? readEmbeddings(body) : readChat(body);
      return 'problem' in asked ? refusals.badRequest(asked.problem, operation) : asked;
    }
    if (operation.kind === 'embed') return readEmbed(body, operation);
    return readGenerate(body, operation);
  },

  /** Only input counts against Gemini's tokens per minute. */
  cost: ({ requests, input }) => ({ requests, tokens: input, output: 0 }),
  settle: () => ({ tokens: 0, output: 0 }),
  limits: () => ({}), // no header tells anything
  quota: quotaExceeded,
  badKey: refusals.badKey,
  noSuchPath: refusals.noSuchPath,
  noSuchModel: refusals.noSuchModel,
  failure: refusals.failure,
  status: refusals.status,
  streamError: refusals.streamError,
  models: answers.models,
  count: answers.count,
  embed: answers.embed,
  generate: answers.generate,
  file,
  noSuchFile,
  stamp: answers.stamp,
};

const METHODS = /** @type {const} */ ({
  generateContent: 'generate', streamGenerateContent: 'stream', countTokens: 'count', embedContent: 'embed', batchEmbedContents: 'embed',
});

/** @param {string} method @param {string} version @param {string} what @param {string | undefined} model @returns {Operation | null} */
function openaiOperation(method, version, what, model) {
  const base = { version, form: /** @type {const} */ ('openai'), sse: false, model: null };
  if (what === 'models') {
    if (method !== 'GET') return null;
    return model ? { ...base, kind: 'model', model: modelIn(model), method: 'getModel' } : { ...base, kind: 'models', method: 'listModels' };
  }
  if (method !== 'POST' || model) return null;
  return what === 'embeddings' ? { ...base, kind: 'embed', method: 'embedContent' } : { ...base, kind: 'generate', method: 'generateContent' };
}

/** @param {string} text @param {Operation} operation @returns {Record<string, any> | Reply} */
function parse(text, operation) {
  try {
    const body = JSON.parse(text || '{}');
    if (isRecord(body)) return body;
  } catch {
    // Said below, in Google's words.
  }
  return refusals.badRequest(`Invalid JSON payload received. Unexpected token.\n${text.slice(0, 40)}\n^`, operation);
}

/** @param {Record<string, any>} body @param {Operation} operation */
function readGenerate(body, operation) {
  // countTokens takes the contents bare or inside a whole generate request.
  const asked = operation.kind === 'count' && isRecord(body.generateContentRequest) ? body.generateContentRequest : body;
  const contents = asList(asked.contents);
  if (contents.length === 0) {
    return refusals.badRequest(`* ${operation.kind === 'count' ? 'CountTokens' : 'GenerateContent'}Request.contents: contents is not specified\n`, operation);
  }
  if (contents.some((content) => content?.role && content.role !== 'user' && content.role !== 'model')) {
    return refusals.badRequest('Please use a valid role: user, model.', operation);
  }
  const config = asked.generationConfig ?? asked.generation_config ?? {};
  const system = asked.systemInstruction ?? asked.system_instruction;
  const parts = [system, ...contents].flatMap((content) => asList(content?.parts));
  const images = parts.filter((part) => part?.inlineData ?? part?.inline_data ?? part?.fileData ?? part?.file_data).length;
  const tools = asked.tools ? countTokens(JSON.stringify(asked.tools)) : 0;
  const input = countTokens(parts.map(textOf).join('')) + images * TOKENS_PER_IMAGE + tools;
  if (input > MAX_INPUT_TOKENS && operation.kind !== 'count') {
    return refusals.badRequest(`The input token count (${input}) exceeds the maximum number of tokens allowed (${MAX_INPUT_TOKENS}).`, operation);
  }
  const last = asList(contents.at(-1)?.parts);
  const prompt = last.map(textOf).join('');
  const calling = (asked.toolConfig ?? asked.tool_config)?.functionCallingConfig ?? (asked.toolConfig ?? asked.tool_config)?.function_calling_config ?? {};
  const allowed = calling.allowedFunctionNames ?? calling.allowed_function_names;
  return {
    body, input, images, requests: 1, prompt,
    call: toolCall({
      tools: asList(asked.tools).flatMap((tool) => asList(tool?.functionDeclarations ?? tool?.function_declarations))
        .map(({ name, parameters, parametersJsonSchema }) => ({ name: String(name), schema: parameters ?? parametersJsonSchema ?? null })),
      choice: CHOICES[calling.mode] === 'required' && allowed?.length === 1 ? allowed[0] : CHOICES[calling.mode] ?? 'auto',
      prompt, answered: last.some((part) => part?.functionResponse ?? part?.function_response),
    }),
    files: filesOf(parts),
    maxOutput: countOrNull(config.maxOutputTokens ?? config.max_output_tokens),
    json: (config.responseMimeType ?? config.response_mime_type) === 'application/json',
    schema: config.responseSchema ?? config.response_schema ?? config.responseJsonSchema ?? null,
    thinks: (config.thinkingConfig ?? config.thinking_config)?.thinkingBudget !== 0,
  };
}

/** @param {Record<string, any>} body @param {Operation} operation */
function readEmbed(body, operation) {
  const batch = operation.method === 'batchEmbedContents';
  const items = batch ? body.requests : [body];
  if (!Array.isArray(items) || items.length === 0 || items.some((item) => !isRecord(item?.content))) {
    const field = batch ? 'BatchEmbedContentsRequest.requests: requests' : 'EmbedContentRequest.content: content';
    return refusals.badRequest(`* ${field} is not specified\n`, operation);
  }
  const texts = items.map((item) => asList(item.content.parts).map(textOf).join(''));
  return {
    body, prompt: texts[0], maxOutput: null,
    // The quota counts the items of a batch, not the call.
    requests: items.length,
    input: texts.reduce((sum, text) => sum + countTokens(text), 0),
    texts, dimensions: countOrNull(items[0].outputDimensionality ?? items[0].output_dimensionality),
  };
}

/** What a function was called with, and what it returned, is said too. @param {any} part */
function textOf(part) {
  if (typeof part?.text === 'string') return part.text;
  const data = part?.functionCall?.args ?? part?.functionResponse?.response ?? part?.function_response?.response;
  return data === undefined ? '' : JSON.stringify(data);
}

/** @type {Record<string, string>} */
const CHOICES = { NONE: 'none', ANY: 'required', AUTO: 'auto' };

const MAX_INPUT_TOKENS = 1_048_576;
