// Exercise 2: a text in, data out that a program can rely on.
//
//   node structured-client.js --mock                          no key: a stand-in for Gemini, in this process
//   node structured-client.js "The soup was cold, the waiter kind."    your keys, from the api-keys.env of the folder that you are in
import { existsSync } from 'node:fs';
import { QuotaAwareAPI } from 'quota-aware-api';
import { MOCK_KEYS, createMockProvider } from 'quota-aware-api/mock';

// The schema goes to the model, and the answer is held against it: types, enums, required properties, items.
const SCHEMA = {
  type: 'object',
  properties: {
    mood: { type: 'string', enum: ['positive', 'mixed', 'negative'] },
    stars: { type: 'integer', minimum: 1, maximum: 5 },
    subjects: { type: 'array', items: { type: 'string' } },
  },
  required: ['mood', 'stars', 'subjects'],
};
const REVIEWS = [
  'The soup was cold, but the waiter could not have been kinder.',
  'Best bicycle I ever had. The bell fell off on the second day.',
  'I waited an hour for a train that had been cancelled since Monday.',
];

const given = process.argv.slice(2).filter((word) => word !== '--mock');

let api;
try {
  api = connect();
  api.addEventListener('waiting', ({ detail: { call, until } }) => {
    console.log(`review ${call} waits ${until === null ? 'a little' : `${Math.ceil(Math.max(0, until - Date.now()) / 1000)} s`} for quota`);
  });
  await Promise.all((given.length > 0 ? given : REVIEWS).map(async (review) => {
    // `system` apart from `prompt`: the review is somebody else's words, and is not to give orders.
    const { json } = await api.generate(review, { model: 'gemini-flash-lite-latest', system: 'Rate the review.', schema: SCHEMA, temperature: 0 });
    console.log(`${check(json).mood.padEnd(8)} ${'★'.repeat(json.stars).padEnd(5)} ${json.subjects.join(', ')}\n         "${review}"`);
  }));
  api.printStats();
} catch (error) {
  // `NO_ANSWER`: what came is no JSON, or does not fit; `error.answer.text` has it. All others: see exercise 1.
  console.error(error.toReport?.() ?? error);
  process.exitCode = 1;
} finally {
  api?.close();
}

/** What a schema can ask for and nobody has looked at yet: ranges. With a dozen such rules, take a validator (ajv) instead. */
function check(rating) {
  if (rating.stars < 1 || rating.stars > 5) throw new Error(`expected 1 to 5 stars, the model gave ${rating.stars}`);
  return rating;
}

function connect() {
  const baseURL = process.env.GOOGLE_GEMINI_BASE_URL ?? 'https://generativelanguage.googleapis.com';
  const options = { provider: 'gemini', baseURL, preset: 'gemini-free', printStatsEvery: 10 };
  if (process.argv.includes('--mock')) return new QuotaAwareAPI(MOCK_KEYS, { ...options, fetch: createMockProvider().fetch });
  if (existsSync('api-keys.env')) process.loadEnvFile?.('api-keys.env'); // Node 20.12 and later
  return QuotaAwareAPI.fromEnv(process.env, options);
}
