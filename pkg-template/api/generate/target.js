// Where a question goes: whose API, at which address, to which model.
import { mistake } from '../errors.js';
import { BASES } from '../probe.js';
import { anthropic } from './anthropic.js';
import { gemini } from './gemini.js';
import { openai } from './openai.js';

/** Whose dialect, and the model for whoever names none: small, quick, with pictures and schemas where the provider has such
 *  a one, and of those the one with most free quota. As of November 2026; data, and wrong some day. */
const PROVIDERS = {
  // An alias that Google keeps pointing at its newest: 500 free requests a day, where flash has 20.
  gemini: { dialect: gemini, model: 'gemini-flash-lite-latest' },
  // The largest of its production models, and one that keeps schemas to the letter. Takes no pictures.
  groq: { dialect: openai, model: 'openai/gpt-oss-120b' },
  openai: { dialect: openai, model: 'gpt-5.4-mini' },
  anthropic: { dialect: anthropic, model: 'claude-haiku-5-5' },
  'openai-compatible': { dialect: openai, model: undefined },
};

/** Names that belong to one provider and nobody else. (`openai/gpt-oss` is served by many.) */
const FAMILIES = [[/^(?:models\/)?(?:gemini|gemma)-/, 'gemini'], [/^claude-/, 'anthropic'], [/^(?:gpt-|chatgpt-|o\d)/, 'openai']];

/** `{ provider, model, dialect, url }`. `providers()`: those of the keys, each once, in their order; null where a key is for any. */
export function targetOf({ provider: asked, model: named, stream }, { baseURL, provider: usual }, providers) {
  const provider = asked ?? usual ?? told(named, baseURL, providers());
  const { dialect, model: standard } = PROVIDERS[provider];
  const model = named ?? standard;
  if (model === undefined) throw mistake('options.model', `expected the name of a model, got nothing, and ${provider} has no usual one`);
  const base = baseURL ?? BASES[provider];
  if (base === undefined) throw mistake('options.baseURL', `expected the URL of the API among the options of the constructor, got nothing, and ${provider} alone names no host`);
  return { provider, model, dialect, url: rooted(base, dialect) + dialect.path(model, stream) };
}

/** The provider that nobody named: the model's own, else the first key's, else what the address tells. */
function told(model, baseURL, providers) {
  // A host of the user's own may speak one dialect for all models.
  const family = baseURL === undefined && model !== undefined ? FAMILIES.find(([pattern]) => pattern.test(model))?.[1] : undefined;
  if (family !== undefined && providers.some((provider) => provider === null || provider === family)) return family;
  const first = providers.find((provider) => provider !== null);
  if (first !== undefined || baseURL === undefined) return first ?? 'gemini';
  const host = new URL(baseURL).host;
  return Object.keys(BASES).find((provider) => new URL(BASES[provider]).host === host) ?? 'openai-compatible';
}

/** An address may end with its version (`…/v1`, `…/v1beta/openai`) or before it. */
function rooted(base, dialect) {
  const root = base.replace(/\/+$/, '');
  if (dialect === gemini) return `${root.replace(/\/v1(?:alpha|beta)?(?:\/openai)?$/, '')}${dialect.version}`;
  return /\/v\d+(?:alpha|beta)?(?:\/openai)?$/.test(root) ? root : root + dialect.version;
}
