// What the mock is when nobody says otherwise: the free tier as a newcomer meets it, and its limits with their dates.
// The numbers will be wrong some day; pass `projects` for others.

/** @typedef {'gemini' | 'groq' | 'openai' | 'anthropic'} ProviderName */
/** @typedef {'free' | 'paid' | 'paid-2' | 'paid-3'} Tier */

export const PROVIDERS = /** @type {const} */ (['gemini', 'groq', 'openai', 'anthropic']);
export const TIERS = /** @type {const} */ (['free', 'paid', 'paid-2', 'paid-3']);

/** The keys of the three default projects, one each: made up, and visibly so. */
export const MOCK_KEYS = Object.freeze(['fake-mock-key-1', 'fake-mock-key-2', 'fake-mock-key-3']);

/** Every default project has these. Seen 2025-12 to 2026-10 on free tiers; `*` answers for models not named here. */
export const DEFAULT_MODELS = {
  gemini: {
    'gemini-3.5-flash-lite': { rpm: 15, tpm: 250_000, rpd: 500 },
    'gemini-3.5-flash': { rpm: 5, tpm: 250_000, rpd: 20 },
    'gemini-3.8-flash': { rpm: 5, tpm: 250_000, rpd: 20 },
    'gemini-2.5-flash': { rpm: 5, tpm: 250_000, rpd: 20 },
    'gemini-2.5-pro': { rpm: 0, tpm: 0, rpd: 0 }, // no free quota since 2025-12-07
    'gemini-embedding-001': { rpm: 100, tpm: 30_000, rpd: 1000 },
    '*': { rpm: 15, tpm: 250_000, rpd: 500 },
  },
  groq: {
    'llama-3.1-8b-instant': { rpm: 30, tpm: 6000, rpd: 14_400, tpd: 500_000 },
    'llama-3.3-70b-versatile': { rpm: 30, tpm: 12_000, rpd: 1000, tpd: 100_000 },
    '*': { rpm: 30, tpm: 8000, rpd: 1000, tpd: 200_000 },
  },
  openai: { '*': { rpm: 500, tpm: 30_000 } },
  anthropic: { '*': { rpm: 50, tpm: 30_000, otpm: 8000 } },
};

/** Which limits each provider knows; any other would be silently without effect. */
export const LIMITS = /** @type {const} */ ({
  gemini: ['rpm', 'tpm', 'rpd', 'tpd'],
  groq: ['rpm', 'tpm', 'rpd', 'tpd'],
  openai: ['rpm', 'tpm', 'rpd', 'tpd'],
  anthropic: ['rpm', 'tpm', 'otpm'],
});

/** Names that mean another model: both share one pool, which is counted and reported under the resolved name. */
export const ALIASES = {
  'gemini-embedding-001': 'gemini-embedding-1.0',
  'gemini-flash-lite-latest': 'gemini-3.5-flash-lite',
  'gemini-3.1-pro-preview': 'gemini-3.1-pro',
};

/** Gemini's minute is taken to roll (two dated measurements point that way); the others are buckets by documentation. */
export const DEFAULT_WINDOW = /** @type {const} */ ({ gemini: 'rolling', groq: 'bucket', openai: 'bucket', anthropic: 'bucket' });

/** Chance of each fault per request, 0 to 1. */
export const NO_FAULTS = { overloaded: 0, internal: 0, timeout: 0, capacity: 0, connection: 0, cut: 0, streamError: 0 };
