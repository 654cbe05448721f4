// Gemini's answers: unary, as events, as an array sent piece by piece, and in OpenAI's clothes.

import { embedding } from './embedding.js';
import { chatAnswer, embeddingAnswer, modelList } from './openai-answers.js';
import { ALPHANUMERIC, letters } from './random.js';
import { Reply } from './reply.js';
import { TOKENS_PER_IMAGE, pieces } from './tokens.js';

/** @type {import('./dialect.js').Dialect['generate']} */
export function generate(said, scene) {
  const { operation, asked } = scene;
  if (operation.form === 'openai') return chatAnswer(said, scene, { id: letters(scene.random, 22, ALPHANUMERIC), type: JSON_TYPE, extra: {} });
  const responseId = letters(scene.random, 23, `${ALPHANUMERIC}-_`);
  const finish = said.cut ? 'MAX_TOKENS' : 'STOP';
  if (operation.kind === 'generate') {
    const usageMetadata = usage(asked, said.output, said.thoughts);
    return json({ candidates: [candidate(said.call ? callPart(said.call) : { text: said.text }, finish)], usageMetadata, modelVersion: scene.model, responseId });
  }
  // A call comes in one piece.
  const parts = said.call ? [callPart(said.call)] : pieces(said.text, CHUNK_CHARACTERS).map((text) => ({ text }));
  const chunks = parts.map((part, i) => {
    const last = i === parts.length - 1;
    // Every chunk has the usage so far: the last is the sum, not the sum of all.
    const output = last ? said.output : Math.floor((said.output * (i + 1)) / parts.length);
    const usageMetadata = usage(asked, output, said.thoughts);
    return { candidates: [candidate(part, last ? finish : null)], usageMetadata, modelVersion: scene.model, responseId };
  });
  if (operation.sse) {
    return new Reply(200, { 'content-type': 'text/event-stream', ...TIER }, chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`));
  }
  return new Reply(200, { 'content-type': JSON_TYPE, ...TIER }, chunks.map((chunk, i) =>
    `${i === 0 ? '[' : ',\r\n'}${JSON.stringify(chunk, null, 2)}\n${i === chunks.length - 1 ? ']' : ''}`));
}

/** @type {import('./dialect.js').Dialect['count']} */
export function count({ asked }) {
  return json({ totalTokens: asked.input, promptTokensDetails: modalities(asked) });
}

/** @type {import('./dialect.js').Dialect['embed']} */
export function embed(scene) {
  const { operation, asked } = scene;
  if (operation.form === 'openai') return embeddingAnswer(scene);
  const values = (asked.texts ?? []).map((text) => ({ values: embedding(text, asked.dimensions ?? undefined) }));
  return json(operation.method === 'batchEmbedContents' ? { embeddings: values } : { embedding: values[0] });
}

/** @type {import('./dialect.js').Dialect['models']} */
export function models(names, operation) {
  if (operation.form === 'openai') return modelList(names.map((name) => `models/${name}`), operation, 'google');
  const list = names.map((name) => ({
    name: `models/${name}`, version: '001', displayName: name, description: 'A model of the mock.',
    inputTokenLimit: 1_048_576, outputTokenLimit: 65_536,
    supportedGenerationMethods: name.includes('embedding') ? ['embedContent', 'countTextTokens'] : ['generateContent', 'countTokens'],
  }));
  return json(operation.kind === 'model' ? list[0] : { models: list });
}

/** No quota in any header, on success as on refusal. @type {import('./dialect.js').Dialect['stamp']} */
export function stamp(reply, { now, took }) {
  reply.with({
    date: new Date(now).toUTCString(), server: 'scaffolding on HTTPServer2',
    'server-timing': `gfet4t7; dur=${Math.round(took)}`, vary: 'Origin, X-Origin, Referer',
  });
}

const JSON_TYPE = 'application/json; charset=UTF-8';
const TIER = { 'x-gemini-service-tier': 'standard' };
const CHUNK_CHARACTERS = 24;

/** @param {unknown} body */
function json(body) {
  return new Reply(200, { 'content-type': JSON_TYPE, ...TIER }, `${JSON.stringify(body, null, 2)}\n`);
}

/** @param {import('./tool.js').ToolCall} call */
function callPart({ name, args }) {
  return { functionCall: { name, args } };
}

/** @param {object} part @param {string | null} finishReason */
function candidate(part, finishReason) {
  return { content: { parts: [part], role: 'model' }, ...(finishReason && { finishReason }), index: 0 };
}

/** @param {import('./dialect.js').Asked} asked @param {number} output @param {number} thoughts */
function usage(asked, output, thoughts) {
  return {
    promptTokenCount: asked.input, candidatesTokenCount: output, totalTokenCount: asked.input + output + thoughts,
    promptTokensDetails: modalities(asked), ...(thoughts > 0 && { thoughtsTokenCount: thoughts }), serviceTier: 'standard',
  };
}

/** @param {import('./dialect.js').Asked} asked */
function modalities({ input, images = 0 }) {
  const pictures = images * TOKENS_PER_IMAGE;
  return [{ modality: 'TEXT', tokenCount: input - pictures }, ...(images ? [{ modality: 'IMAGE', tokenCount: pictures }] : [])];
}
