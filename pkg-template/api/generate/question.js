// What a person asks: the text, and all that goes with it, looked at before anything is sent.
import { core } from '../core.js';
import { guarded, mistake } from '../errors.js';
import { checkSignal } from '../request.js';
import { imageOf } from './images.js';
import { isRecord, kind } from './schema.js';

/** Reads the arguments of `generate`. */
export async function questionOf(prompt, options) {
  if (options !== undefined && !isRecord(options)) throw mistake('options', `expected an object, got ${kind(options)}`);
  const given = options ?? {};
  const plain = Object.fromEntries(Object.keys(given).map((name) => [name, !isSaid(given[name]) || PLAIN.has(name) ? given[name] : true]));
  guarded(() => core().checkQuestionRaw(plain));
  const { system, signal, quota, schema, history, images } = given;
  if (isSaid(quota) && !isRecord(quota)) throw mistake('options.quota', `expected an object, got ${kind(quota)}`);
  checkSignal('options.signal', signal);
  const latest = { role: 'user', text: said(prompt, 'prompt'), images: await picturesOf(images, 'options.images') };
  return {
    turns: [...await turnsOf(history), latest],
    system: isSaid(system) ? said(system, 'options.system') : undefined,
    schema: isSaid(schema) ? plainSchema(schema) : undefined,
    temperature: given.temperature ?? undefined,
    maxTokens: given.maxTokens ?? undefined,
    model: given.model ?? undefined,
    provider: given.provider ?? undefined,
    stream: given.stream === true,
    signal: signal ?? undefined,
    quota: quota ?? undefined,
  };
}

/** Options whose values are looked at where all options are; of the others only the names. */
const PLAIN = new Set(['model', 'provider', 'temperature', 'maxTokens', 'stream']);

async function turnsOf(history) {
  if (!isSaid(history)) return [];
  if (!Array.isArray(history)) throw mistake('options.history', `expected an array of { role, text }, got ${kind(history)}`);
  const turns = [];
  for (const [at, turn] of history.entries()) {
    const path = `options.history[${at}]`;
    if (!isRecord(turn)) throw mistake(path, `expected { role, text }, got ${kind(turn)}`);
    const stranger = Object.keys(turn).find((name) => !['role', 'text', 'images'].includes(name));
    if (stranger !== undefined) throw mistake(`${path}.${stranger}`, 'unknown option; known are role, text, images');
    if (turn.role !== 'user' && turn.role !== 'assistant') throw mistake(`${path}.role`, 'expected user or assistant; what holds for all turns goes into options.system');
    turns.push({ role: turn.role, text: said(turn.text, `${path}.text`), images: await picturesOf(turn.images, `${path}.images`) });
  }
  return turns;
}

async function picturesOf(images, path) {
  if (!isSaid(images)) return [];
  if (!Array.isArray(images)) throw mistake(path, `expected an array of pictures, got ${kind(images)}`);
  return Promise.all(images.map((image, at) => imageOf(image, `${path}[${at}]`)));
}

/** A copy, so that nothing without end is walked later, and nothing changes meanwhile. */
function plainSchema(schema) {
  try {
    const copy = JSON.parse(JSON.stringify(schema));
    if (isRecord(copy) && Object.keys(copy).length > 0) return copy;
  } catch { /* it contains itself, or a bigint */ }
  throw mistake('options.schema', `expected a JSON schema as plain data, such as { type: 'object', properties: { … } }, got ${kind(schema)}`);
}

function said(text, path) {
  if (typeof text !== 'string') throw mistake(path, `expected a text, got ${kind(text)}`);
  if (text.trim() === '') throw mistake(path, 'expected a text with something in it, got nothing but blanks');
  return text;
}

function isSaid(value) {
  return value !== undefined && value !== null;
}
