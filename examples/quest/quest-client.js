// A game of quests: each has a model, a temper and a key of its own, and the game goes on when all keys are used up.
//
//   node quest-client.js --mock                 no key: Groq and OpenAI stand-ins, in this process
//   node quest-client.js                        GROQ_API_KEY, GROQ_API_KEY2 … of the api-keys.env of the folder that you are in
//   STAGE=STAGING_ node quest-client.js         the same program on STAGING_GROQ_API_KEY and its like
import { existsSync } from 'node:fs';
import { QuotaAwareAPI } from 'quota-aware-api';
import { createMockProvider } from 'quota-aware-api/mock';

/** All settings in one place. What a quest is asked for lies here, not with whoever asks. */
const profiles = {
  riddle: { model: 'openai/gpt-oss-120b', temperature: 0.2, maxTokens: 150 },
  story: { model: 'llama-3.3-70b-versatile', temperature: 0.9, maxTokens: 400 },
  hint: { model: 'llama-3.1-8b-instant', temperature: 0.4, maxTokens: 60 },
};
const PREPARED = { choices: [{ message: { role: 'assistant', content: 'The oracle sleeps. Look under the third stone.' }, finish_reason: 'stop' }] };

if (existsSync('api-keys.env')) process.loadEnvFile?.('api-keys.env');
const stage = process.env.STAGE ?? '';
const mock = process.argv.includes('--mock') ? createMockProvider({ projects: [
  ...[1, 2, 3, 4].map((n) => ({ provider: 'groq', keys: [`fake-groq-${n}`] })), { provider: 'openai', keys: ['fake-openai'] }] }) : undefined;
const env = mock ? { GROQ_API_KEY: 'fake-groq-1', GROQ_API_KEY2: 'fake-groq-2', GROQ_API_KEY3: 'fake-groq-3', GROQ_API_KEY4: 'fake-groq-4' } : process.env;
const openai = mock ? 'fake-openai' : process.env[`${stage}OPENAI_API_KEY`];
const origin = process.env.GROQ_BASE_URL ?? 'https://api.groq.com';

let api;
try {
  // Groq's keys alone; OpenAI's are for when nothing else is left.
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith(`${stage}GROQ_API_KEY`)));
  api = QuotaAwareAPI.fromEnv(own, { envPrefix: mock ? '' : stage, provider: 'groq', baseURL: origin, fetch: mock?.fetch, profiles, printStatsEvery: 10,
    preset: ['quest', 'groq-free'], // quest n on key n mod k, and on the best other one where that key fails; few tries, long cooldowns
    fallback: [
      ...(openai ? [{ provider: 'openai', model: 'gpt-5.4-mini', keys: [openai], baseURL: process.env.OPENAI_BASE_URL }] : []),
      { handler: () => Response.json(PREPARED) },
    ] });
  // What players are told, in words that mean something to them. A stack trace means nothing.
  const tell = { waiting: 'The oracle is thinking …', 'key-down': 'One of the oracles is silent.', fallback: 'A stranger answers.', 'service-restored': 'The oracles are back.' };
  for (const [event, words] of Object.entries(tell)) api.addEventListener(event, () => console.log(`  (${words})`));
  for (let quest = 0; quest < 12; quest += 1) await play(quest, Object.keys(profiles)[quest % 3]);
  api.printStats();
} catch (error) {
  console.error(error.toReport?.() ?? error);
  process.exitCode = 1;
} finally {
  api?.close();
}

async function play(quest, profile) {
  const response = await api.call('/openai/v1/chat/completions', {
    method: 'POST', headers: { 'content-type': 'application/json' }, quota: { session: String(quest), profile },
    body: JSON.stringify({ messages: [{ role: 'user', content: `Quest ${quest}: a ${profile}, please.` }] }),
  });
  const { choices, error } = await response.json();
  console.log(`quest ${quest} (${profile}): ${choices?.[0].message.content ?? error?.message}${response.fallback ? `  [${response.fallback.kind}]` : ''}`);
}
