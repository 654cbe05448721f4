// Exercise 3: a picture and a question in, a text out.
//
//   node multimodal-client.js --mock                        no key: a stand-in for Gemini, in this process
//   node multimodal-client.js photo.jpg "What is this?"     your keys, from the api-keys.env of the folder that you are in
import { existsSync, readFileSync } from 'node:fs';
import { QuotaAwareAPI } from 'quota-aware-api';
import { MOCK_KEYS, createMockProvider } from 'quota-aware-api/mock';

const given = process.argv.slice(2).filter((word) => word !== '--mock');
const shown = /\.(png|jpe?g|gif|webp)$/i.test(given[0] ?? '') ? given.shift() : new URL('chart.png', import.meta.url);
const questions = given.length > 0 ? given : [
  'What does this chart show?',
  'In which half hour were most calls made, and how many?',
  'One limit is drawn in. In which half hours would it have been crossed?',
];

let api;
try {
  api = connect();
  api.addEventListener('waiting', ({ detail: { call, until } }) => {
    console.log(`question ${call} waits ${until === null ? 'a little' : `${Math.ceil(Math.max(0, until - Date.now()) / 1000)} s`} for quota`);
  });
  // Bytes are enough: their type is told by how they begin. A picture goes along with each question, inside its body. From
  // some 15 MB on, upload it once instead (the Files API): the package then sends questions to the project that has it.
  const picture = readFileSync(shown);
  // One after the other here: each picture costs some hundred tokens, and tokens have a limit a minute too.
  for (const question of questions) {
    const { text, usage } = await api.generate(question, { model: 'gemini-flash-lite-latest', images: [picture] });
    console.log(`\n${question}\n→ ${text}\n  (${usage?.input ?? 'unknown'} tokens in)`);
  }
  api.printStats();
} catch (error) {
  // `BLOCKED`: the provider does not want to speak of this picture, whatever the key. All others: see exercise 1.
  console.error(error.toReport?.() ?? error);
  process.exitCode = 1;
} finally {
  api?.close();
}

function connect() {
  const baseURL = process.env.GOOGLE_GEMINI_BASE_URL ?? 'https://generativelanguage.googleapis.com';
  const options = { provider: 'gemini', baseURL, preset: 'gemini-free', printStatsEvery: 10 };
  if (process.argv.includes('--mock')) return new QuotaAwareAPI(MOCK_KEYS, { ...options, fetch: createMockProvider().fetch });
  if (existsSync('api-keys.env')) process.loadEnvFile?.('api-keys.env'); // Node 20.12 and later
  return QuotaAwareAPI.fromEnv(process.env, options);
}
