// The readable account of an error: what happened, which quota, how long, what to do now, how to prevent it, and where to look.
import { advice, attemptLine, fallbackLine, isSaid, oneLine, ownMessage, quotaOf } from './messages.js';

export function report(account, texts) {
  const { attempts = [], fallbacks = [], meaning, retryAfter, words } = account;
  const rows = new Rows(texts);
  const what = ownMessage(account, texts);
  const now = advice(account, texts);
  if (meaning) {
    rows.add('quota', quotaOf(meaning, texts));
    rows.add('model', meaning.model);
    rows.add('tier', meaning.tier);
  }
  if (isSaid(retryAfter)) rows.add('wait', texts.span(retryAfter));
  rows.add('tried', ...attempts.map((attempt) => attemptLine(attempt, texts)));
  for (const fallback of fallbacks) rows.add('fallback', oneLine(fallbackLine(fallback, texts)));
  if (words) rows.add('provider', oneLine(words));
  rows.part();
  // A mistake says itself what to do.
  if (now !== what) rows.add('now', now);
  const prevention = preventionOf(account);
  if (prevention !== undefined) rows.add('next-time', texts.say(`prevention.${prevention}`));
  for (const [label, url] of linksOf(account)) rows.add(label, url);
  return [what, ...(rows.lines.length > 0 ? [''] : []), ...rows.lines].join('\n').trimEnd();
}

/** Labels, and what stands beside them, in one column. */
class Rows {
  lines = [];
  #texts;
  #width;

  constructor(texts) {
    this.#texts = texts;
    this.#width = 1 + Math.max(...LABELS.map((label) => this.#label(label).length));
  }

  /** One row, or several under one label; none where nothing is said. */
  add(label, ...values) {
    const said = values.filter((value) => isSaid(value) && value !== '');
    said.forEach((value, at) => this.lines.push(`${(at === 0 ? this.#label(label) : '').padEnd(this.#width)}${value}`));
  }

  /** An empty line, unless there is nothing above it. */
  part() {
    if (this.lines.length > 0) this.lines.push('');
  }

  #label(label) {
    return this.#texts.say(`report.${label}`);
  }
}

const LABELS = ['quota', 'model', 'tier', 'wait', 'tried', 'fallback', 'provider', 'now', 'next-time', 'limits', 'usage', 'upgrade', 'keys'];

/** Which advice for the next time, if any. */
function preventionOf({ code, meaning }) {
  if (code === 'OWNER_UNAVAILABLE') return 'owner';
  if (code === 'INVALID_KEYS') return 'keys';
  switch (meaning?.verdict) {
    case 'rate-limited': return 'minute';
    case 'quota-exhausted': return 'day';
    case 'out-of-credit': return 'credit';
    case 'overloaded': return 'overload';
    case 'invalid-key': case 'permission': return 'keys';
    default: return CROWDED.has(code) ? 'crowd' : undefined;
  }
}

/** What comes of more calls than the keys can take. */
const CROWDED = new Set(['QUOTA_EXCEEDED', 'PARTIAL_QUOTA', 'DEADLINE', 'QUEUE_FULL']);
const OF_QUOTA = new Set(['rate-limited', 'quota-exhausted', 'out-of-credit', 'permission']);
const OF_KEYS = new Set(['invalid-key', 'permission']);

/** Pages of whoever refused; of another API than these four nothing is known. */
function linksOf({ code, meaning, provider }) {
  const links = LINKS[provider];
  if (links === undefined) return [];
  const isOfQuota = OF_QUOTA.has(meaning?.verdict) || code === 'QUOTA_EXCEEDED' || code === 'PARTIAL_QUOTA';
  const isOfKeys = OF_KEYS.has(meaning?.verdict) || code === 'INVALID_KEYS';
  return Object.entries(links).filter(([label]) => (label === 'keys' ? isOfKeys : isOfQuota));
}

/** What their limits are, how much is used, where to get more, and where keys are made. */
const LINKS = {
  gemini: {
    limits: 'https://ai.google.dev/gemini-api/docs/rate-limits',
    usage: 'https://aistudio.google.com/usage',
    upgrade: 'https://ai.google.dev/gemini-api/docs/billing',
    keys: 'https://aistudio.google.com/apikey',
  },
  groq: {
    limits: 'https://console.groq.com/docs/rate-limits',
    usage: 'https://console.groq.com/settings/limits',
    upgrade: 'https://console.groq.com/settings/billing',
    keys: 'https://console.groq.com/keys',
  },
  openai: {
    limits: 'https://platform.openai.com/settings/organization/limits',
    usage: 'https://platform.openai.com/usage',
    upgrade: 'https://platform.openai.com/settings/organization/billing',
    keys: 'https://platform.openai.com/api-keys',
  },
  anthropic: {
    limits: 'https://docs.claude.com/en/api/rate-limits',
    usage: 'https://console.anthropic.com/settings/limits',
    upgrade: 'https://console.anthropic.com/settings/billing',
    keys: 'https://console.anthropic.com/settings/keys',
  },
};
