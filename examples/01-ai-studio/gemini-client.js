// Exercise 1: a text in, a text out.
//
//   node gemini-client.js --mock                    no key: a stand-in for Gemini, in this process
//   node gemini-client.js "Why is the sky blue?"    your keys, from the api-keys.env of the folder that you are in
//
// The request is the one that AI Studio shows under "Get code", so that you see what goes over the wire. What you don't
// see here is done for you: which key is next, how long to wait, what a refusal means.
import { existsSync } from 'node:fs';
import { QuotaAwareAPI } from 'quota-aware-api';
import { MOCK_KEYS, createMockProvider } from 'quota-aware-api/mock';

// An alias that Google moves along: a model's own name stops working some day, in the middle of a workshop.
const PATH = '/v1beta/models/gemini-flash-lite-latest:generateContent';
const LESSONS = ['light', 'sound', 'heat', 'rain', 'wind', 'tides', 'stars', 'maps', 'bees', 'bread', 'bridges', 'dreams'];

const given = process.argv.slice(2).filter((word) => word !== '--mock');
const questions = given.length > 0 ? given : LESSONS.map((topic) => `Explain ${topic} to a child, in one sentence.`);

let api;
try {
  api = connect();
  // Whoever has to wait is told so, and until when. It is no error: nothing else has to be done about it.
  api.addEventListener('waiting', ({ detail: { call, ahead, until } }) => {
    const wait = until === null ? 'a little' : `${Math.ceil(Math.max(0, until - Date.now()) / 1000)} s`;
    console.log(`question ${call} waits ${wait} for quota, ${ahead} before it`);
  });
  // All at once, as a class does it. A loop with `sleep` would be slower, and refused all the same when others ask too.
  await Promise.all(questions.map(ask));
  api.printStats();
} catch (error) {
  // A QuotaAwareError says what happened, which quota it was, until when, and what to do.
  console.error(error.toReport?.() ?? error);
  process.exitCode = 1;
} finally {
  api?.close();
}

async function ask(question) {
  const response = await api.call(PATH, {
    method: 'POST',
    headers: { 'content-type': 'application/json' }, // no key: the package puts it in, and only for Google's host
    body: JSON.stringify({ contents: [{ parts: [{ text: question }] }] }),
  });
  // What no other key would change (400, 404, a safety block) comes back as it is, after one attempt.
  const { candidates, error, promptFeedback } = await response.json();
  const text = candidates?.[0]?.content?.parts?.map((part) => part.text).join('');
  console.log(`\n${question}\n→ ${text ?? error?.message ?? promptFeedback?.blockReason ?? 'no text'}`);
}

function connect() {
  // `preset`: what was known of the free tier, so that calls wait before they are refused. Sponsored? Leave it out.
  const baseURL = process.env.GOOGLE_GEMINI_BASE_URL ?? 'https://generativelanguage.googleapis.com';
  const options = { provider: 'gemini', baseURL, preset: 'gemini-free', printStatsEvery: 10 };
  if (process.argv.includes('--mock')) return new QuotaAwareAPI(MOCK_KEYS, { ...options, fetch: createMockProvider().fetch });
  // Before Node 20.12 it can't read the file itself: node --env-file=api-keys.env gemini-client.js
  if (existsSync('api-keys.env')) process.loadEnvFile?.('api-keys.env');
  return QuotaAwareAPI.fromEnv(process.env, options);
}
