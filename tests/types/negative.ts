// What the types refuse. Each line has a mistake; one that compiles is reported by the compiler as an unused expectation.
import { QuotaAwareAPI, QuotaAwareError, classify, plan, printPlan } from 'quota-aware-api';
import { createMockProvider, createMockServer } from 'quota-aware-api/mock';

declare const api: QuotaAwareAPI;
declare const error: QuotaAwareError;

// @ts-expect-error keys are needed
new QuotaAwareAPI();
// @ts-expect-error one key is no array
new QuotaAwareAPI('fake-a');
// @ts-expect-error a number is no key
new QuotaAwareAPI([5]);
// @ts-expect-error a key object needs its secret
new QuotaAwareAPI([{ id: 'a' }]);
// @ts-expect-error misspelt
new QuotaAwareAPI(['fake-a'], { maxRetrys: 5 });
// @ts-expect-error no such strategy
new QuotaAwareAPI(['fake-a'], { strategy: 'random' });
// @ts-expect-error no such preset
new QuotaAwareAPI(['fake-a'], { preset: 'default' });
// @ts-expect-error no such preset among several
new QuotaAwareAPI(['fake-a'], { preset: ['workshop', 'openai-free'] });
// @ts-expect-error no such pacing
new QuotaAwareAPI(['fake-a'], { pacing: 'slow' });
// @ts-expect-error that the minute is fixed is found out, not told
new QuotaAwareAPI(['fake-a'], { minute: 'fixed' });
// @ts-expect-error misspelt
new QuotaAwareAPI(['fake-a'], { messages: { QUOTA_EXCEDED: 'x' } });
// @ts-expect-error a text is words
new QuotaAwareAPI(['fake-a'], { messages: { EXHAUSTED: 5 } });
// @ts-expect-error a text is a string, or returns one
new QuotaAwareAPI(['fake-a'], { messages: { EXHAUSTED: () => 5 } });
// @ts-expect-error it is not given that
new QuotaAwareAPI(['fake-a'], { messages: { EXHAUSTED: ({ waiting }) => waiting } });
// @ts-expect-error no such colour
api.printStats(console.log, { color: 'red' });
// @ts-expect-error a reserve is a share
new QuotaAwareAPI(['fake-a'], { reserve: { chat: '30%' } });
// @ts-expect-error fair or not
new QuotaAwareAPI(['fake-a'], { queue: { fair: 'sessions' } });
// @ts-expect-error a rate has two numbers
new QuotaAwareAPI(['fake-a'], { sessionRate: 10 });
// @ts-expect-error the words of a dialect are not those of a profile
new QuotaAwareAPI(['fake-a'], { profiles: { chat: { max_tokens: 5 } } });
// @ts-expect-error a module, not where it is
new QuotaAwareAPI(['fake-a'], { wasm: './core.wasm' });
// @ts-expect-error a cache has a size, or is on or off
new QuotaAwareAPI(['fake-a'], { cache: 1000 });
// @ts-expect-error how many are kept is not for one call to say
api.call('/x', { quota: { cache: { maxEntries: 5 } } });
// @ts-expect-error a profile is called by its name
api.call('/x', { quota: { profile: { model: 'm' } } });
// @ts-expect-error milliseconds are numbers
new QuotaAwareAPI(['fake-a'], { timeout: '5s' });
// @ts-expect-error only false switches it off
new QuotaAwareAPI(['fake-a'], { retryBudget: true });
// @ts-expect-error no such limit
new QuotaAwareAPI([{ key: 'fake-a', limits: { requestsPerMinute: 5 } }]);
// @ts-expect-error endpoint is needed
api.call();
// @ts-expect-error no such wish
api.call('/x', { quota: { sesion: 's' } });
// @ts-expect-error a project's name
api.call('/x', { quota: { project: 1 } });
// @ts-expect-error asked for or not
api.call('/x', { quota: { explain: 'full' } });
// @ts-expect-error a response brings its account only where that was asked for
(await api.call('/x')).quota;
// @ts-expect-error a prompt is a text
api.generate(['Say hi']);
// @ts-expect-error misspelt
api.generate('Say hi', { sytem: 'Be kind.' });
// @ts-expect-error what the scheduler is asked goes into `quota`
api.generate('Say hi', { session: 's' });
// @ts-expect-error nobody else has a turn
api.generate('Say hi', { history: [{ role: 'system', text: 'Be kind.' }] });
// @ts-expect-error there is JSON only where a schema was given
(await api.generate('Say hi')).json;
// @ts-expect-error what is not known is not a name
(await api.generate('Who?', { schema: {} })).json.name;
// @ts-expect-error a stream is no result
api.generate('Say hi', { stream: true }).text;
// @ts-expect-error how many is a number
api.explain('all');
// @ts-expect-error a response is not text
const text: string = await api.call('/x');
// @ts-expect-error fetch is read-only
api.fetch = globalThis.fetch;
// @ts-expect-error a session is a string
api.rotateKey(5);
// @ts-expect-error attempt is needed
api.backoff();
// @ts-expect-error sessions have names
api.getKeyForSession();
// @ts-expect-error the inside is nobody's business
api.raw;
// @ts-expect-error attempts have no `until`
api.addEventListener('attempt', ({ detail }) => detail.until);
// @ts-expect-error a learnt limit belongs to a project, not to a key
api.addEventListener('limit-learned', ({ detail }) => detail.key);
// @ts-expect-error at once, not a promise
api.install().then();
// @ts-expect-error an installation is ended by its handle
api.restore();
// @ts-expect-error stats are counters, not promises
api.getStats().then();
// @ts-expect-error a plain object is no body
new QuotaAwareAPI(['fake-a']).call('https://a.example', { method: 'POST', body: { contents: [] } });
// @ts-expect-error codes are known
error.code === 'RATE_LIMITED';
// @ts-expect-error attempts are read-only
error.attempts.push();
// @ts-expect-error a status is needed
classify({ body: '' });
// @ts-expect-error no such provider
classify({ status: 429, provider: 'gemeni' });
// @ts-expect-error misspelt
plan({ peple: 40 });
// @ts-expect-error no such window
plan({ window: 'sliding' });
// @ts-expect-error how long the minute is; how it runs is for the client to believe
plan({ minute: 'rolling' });
// @ts-expect-error a plan's client has no secrets
plan({ keys: [{ key: 'fake-a' }] });
// @ts-expect-error what does not matter to a plan is no option of it
plan({ options: { verbose: true } });
// @ts-expect-error not a promise
plan().then();
// @ts-expect-error a report is needed
printPlan();
// @ts-expect-error no such fault
createMockProvider({ faults: { gravity: 1 } });
// @ts-expect-error a promise
createMockServer().url;

export { text };
// @ts-expect-error keys need their provider
new QuotaAwareAPI(['fake-a'], { fallback: [{ model: 'm', keys: ['fake-b'] }] });
// @ts-expect-error a provider needs keys
new QuotaAwareAPI(['fake-a'], { fallback: [{ provider: 'groq', model: 'm' }] });
// @ts-expect-error a handler gives a Response
new QuotaAwareAPI(['fake-a'], { fallback: [{ handler: () => 'canned' }] });
// @ts-expect-error nothing beside a handler
new QuotaAwareAPI(['fake-a'], { fallback: [{ model: 'm', handler: () => new Response() }] });
// @ts-expect-error alerts have known codes
api.getStatus().alerts[0]!.code === 'quota-low';
// @ts-expect-error verdicts are words
classify({ status: 429 }).verdict === 'rateLimited';
// @ts-expect-error what an event tells is not to be changed
api.addEventListener('attempt', ({ detail }) => { detail.attempt = 2; });
// @ts-expect-error a key that is down has no verdict
api.addEventListener('key-down', ({ detail }) => detail.verdict);
// @ts-expect-error names of events are no codes
const name: keyof import('quota-aware-api').QuotaEventMap = 'keyDown';
// @ts-expect-error a listener hears, it is not text
api.addEventListener('settled', 'log');
// @ts-expect-error an answer that broke off is not an answer
error.answer.text;
// @ts-expect-error a step has what belongs to it
api.explain()[0]!.steps.filter((step) => step.step === 'sent').map((step) => step.verdict);
// @ts-expect-error the environment is text
QuotaAwareAPI.fromEnv({ GEMINI_KEY_1: 5 });
// @ts-expect-error a prefix is text
QuotaAwareAPI.fromEnv({}, { envPrefix: 1 });
// @ts-expect-error a sink writes
new QuotaAwareAPI(['fake-a'], { sink: {} });
// @ts-expect-error a path is no sink
new QuotaAwareAPI(['fake-a'], { sink: 'attempts.jsonl' });
// @ts-expect-error records are not to be changed
new QuotaAwareAPI(['fake-a'], { sink: (record) => { record.key = 'b'; } });
void name;
