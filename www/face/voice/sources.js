// Where Gemini's words come from: the package's own pretend provider, keys of the visitor's, or a server that holds keys.
// Keys are in the memory of the instance that is made here and nowhere else: in no storage, no URL, no element.

/** Requests a minute that the pretend provider can be set to. */
export const PRETEND = [15, 6, 2];

/**
 * @param choice `{ kind: 'pretend', perMinute, minute }` (`minute` in milliseconds: a short one spares an audience the waiting),
 *   `{ kind: 'keys', keys }`, or `{ kind: 'server', url }`
 * @returns `{ api, now, pretend, close }`; `pretend` is null, or what can be done to the provider: `useUpDay()`, `newDay()`
 * @throws where the package refuses what was given; its messages name what is wrong and contain no key
 */
export async function openSource(choice) {
  const { QuotaAwareAPI } = await import('quota-aware-api');
  if (choice.kind === 'pretend') return openPretend(QuotaAwareAPI, choice);
  const common = { provider: 'gemini', queue: { maxWait: PATIENCE }, deadline: 2 * PATIENCE };
  const api = choice.kind === 'keys'
    ? new QuotaAwareAPI(choice.keys, { ...common, preset: 'gemini-free' })
    // The server puts its own key in the place of this word.
    : new QuotaAwareAPI(['kept-by-the-server'], { ...common, baseURL: choice.url.replace(/\/+$/, ''), allowedOrigins: [new URL(choice.url).origin] });
  return { api, now: Date.now, pretend: null, close: () => api.close() };
}

async function openPretend(QuotaAwareAPI, { perMinute, minute }) {
  const [{ MOCK_KEYS, createMockProvider }, { pretendAnswers }] = await Promise.all([import('quota-aware-api/mock'), import('./pretend.js')]);
  // One clock for both, so that a new day can be had without waiting for it.
  const clock = { offset: 0, now: () => Date.now() + clock.offset };
  const keys = MOCK_KEYS.slice(0, 2);
  const shares = [Math.ceil(perMinute / 2), Math.floor(perMinute / 2)];
  const limits = shares.map((rpm) => ({ rpm, rpd: 200 }));
  const provider = createMockProvider({
    projects: keys.map((key, at) => ({ id: `project-${at + 1}`, keys: [key], models: { '*': limits[at] } })),
    answer: pretendAnswers(), minute, now: clock.now, sleep, latency: { min: 250, max: 600 }, chunkDelay: { min: 70, max: 160 },
  });
  const api = new QuotaAwareAPI(keys.map((key, at) => ({ key, project: `project-${at + 1}`, limits: limits[at] })), {
    provider: 'gemini', fetch: provider.fetch, now: clock.now, resetInterval: minute, queue: { maxWait: PATIENCE }, deadline: 2 * PATIENCE,
  });
  const pretend = {
    useUpDay: () => keys.forEach((key) => provider.exhaust(key, 'day')),
    newDay: () => { clock.offset += DAY; },
    log: () => provider.log,
  };
  return { api, now: clock.now, pretend, close: () => api.close() };
}

function sleep(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}

/** Up to so long a line is worth waiting for; the sign says how long it will be. */
const PATIENCE = 90_000;
/** More than a day, so that midnight has passed everywhere. */
const DAY = 24.5 * 3_600_000;
