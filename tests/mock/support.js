// What the tests of the mock share: a clock that moves only when told, requests, and the recorded responses.

import { readFile } from 'node:fs/promises';
import { createMockProvider } from '../../pkg-template/mock.js';

export const GEMINI = 'https://generativelanguage.googleapis.com';
export const GROQ = 'https://api.groq.com/openai/v1';
export const OPENAI = 'https://api.openai.com/v1';
export const ANTHROPIC = 'https://api.anthropic.com/v1';
export const LITE = 'gemini-3.5-flash-lite';

/** Noon UTC of a Wednesday in summer time. */
export const NOON = Date.UTC(2026, 9, 7, 12);

/** A mock on a clock of its own, where waiting moves the clock: `at(ms)` since the start. */
export function onClock(options = {}, start = NOON) {
  const clock = { time: start };
  const mock = createMockProvider({
    latency: 0, chunkDelay: 0, now: () => clock.time,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      clock.time += ms;
    },
    ...options,
  });
  return { mock, clock, at: (ms) => { clock.time = start + ms; }, start };
}

/** One Gemini project `a` with key `fake-a`. */
export function oneProject(limits, options = {}) {
  const { projects, ...rest } = { projects: undefined, ...options };
  return onClock({ projects: projects ?? [{ id: 'a', keys: ['fake-a'], models: { '*': limits } }], countRefused: false, ...rest });
}

export function generate(mock, key = 'fake-a', { model = LITE, text = 'Hello', verb = 'generateContent', query = '', init = {}, body } = {}) {
  return mock.fetch(`${GEMINI}/v1beta/models/${model}:${verb}${query}`, {
    method: 'POST', headers: { 'content-type': 'application/json', 'x-goog-api-key': key },
    body: JSON.stringify(body ?? { contents: [{ role: 'user', parts: [{ text }] }] }), ...init,
  });
}

export function chat(mock, base, key, body = {}, init = {}) {
  return mock.fetch(`${base}/chat/completions`, {
    method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: 'some-model', messages: [{ role: 'user', content: 'Hello' }], ...body }), ...init,
  });
}

export function messages(mock, key, body = {}, headers = {}) {
  return mock.fetch(`${ANTHROPIC}/messages`, {
    method: 'POST', headers: { 'x-api-key': key, 'anthropic-version': '2023-06-01', ...headers },
    body: JSON.stringify({ model: 'claude-x', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }], ...body }),
  });
}

/** Statuses of calls made one after the other. */
export async function statuses(count, call) {
  const list = [];
  for (let i = 0; i < count; i++) list.push((await call(i)).status);
  return list;
}

export async function fixture(name) {
  return JSON.parse(await readFile(new URL(`../fixtures/responses/${name}.json`, import.meta.url), 'utf8'));
}

/** A value without its values: names and types, arrays by their first member, `details` in any order. */
export function shape(value) {
  if (Array.isArray(value)) {
    const shapes = value.map(shape);
    return value.some((each) => each?.['@type']) ? Object.fromEntries(value.map((each, i) => [each['@type'], shapes[i]])) : shapes.slice(0, 1);
  }
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, shape(value[key])]));
}

/** A message without its numbers and names, to compare grammars. */
export function grammar(message) {
  return message
    .replace(/org[-_][\w-]+/g, 'ORG').replace(/org: [\w-]+/g, 'org: ORG').replace(/models?:? `?[\w./-]+`?/g, 'model M').replace(/for gpt-[\w.-]+/g, 'for M')
    .replace(/(?:\d+(?:\.\d+)?(?:h|ms|us|m|s))+/g, 'T').replace(/\d[\d,.]*\d|\d/g, 'N');
}

/** The milliseconds that a Gemini message promises. */
export function hintOf(message) {
  const text = /retry in ((?:[\d.]+(?:h|ms|us|ns|m|s))+)/.exec(message)?.[1] ?? '';
  const unit = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 1e-3, ns: 1e-6 };
  return [...text.matchAll(/([\d.]+)(h|ms|us|ns|m|s)/g)].reduce((sum, [, number, name]) => sum + Number(number) * unit[name], 0);
}
