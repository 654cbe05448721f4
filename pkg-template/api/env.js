// Keys from the environment, by the names that the systems before this one used.

const FAMILIES = [
  // [pattern, provider, id from the name]
  [/^GEMINI_KEY_(\w+)$/, 'gemini'],
  [/^GOOGLE_AI_API_KEY_(\d+)$/, 'gemini', 'google-ai-'],
  [/^GEMINI_API_KEY_(\d+)$/, 'gemini', 'gemini-api-'],
  [/^GROQ_API_KEY_?(\d+)?$/, 'groq', 'groq-'],
  [/^OPENAI_API_KEY_?(\d+)?$/, 'openai', 'openai-'],
  [/^ANTHROPIC_API_KEY_?(\d+)?$/, 'anthropic', 'anthropic-'],
];

/** Reads keys out of an environment. Returns `{ keys, warnings }`; each secret once, placeholders left out. With a prefix
 *  (`PRODUCTION_`), only variables that begin with it count, by the name that follows it. */
export function keysFromEnv(environment, prefix = '') {
  const own = Object.entries(environment).filter(([name]) => name.startsWith(prefix));
  const env = Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value]));
  const found = [];
  const warnings = [];
  const add = (name, key, provider, id) => {
    const secret = key?.trim();
    if (!secret) return;
    if (/^your[-_].*here$/i.test(secret) || /^<.*>$/.test(secret)) {
      warnings.push(`${name} still holds the placeholder of the template; it counts as absent`);
    } else if (!found.some((known) => known.key === secret)) {
      found.push({ id, key: secret, provider });
    }
  };
  for (const [pattern, provider, prefix] of FAMILIES) {
    const names = Object.keys(env).map((name) => ({ name, part: pattern.exec(name) })).filter(({ part }) => part !== null);
    // By number where they are numbers, so that 2 comes before 10; names after them, in their own order.
    names.sort((a, b) => order(a.part[1]) - order(b.part[1]) || a.name.localeCompare(b.name));
    for (const { name, part } of names) add(name, env[name], provider, idOf(prefix, part[1]));
  }
  for (const [at, key] of (env.GEMINI_API_KEYS ?? '').split(',').entries()) add('GEMINI_API_KEYS', key, 'gemini', `gemini-${at + 1}`);
  const numbered = found.some(({ provider }) => provider === 'gemini');
  for (const name of ['GEMINI_API_KEY', 'GOOGLE_API_KEY']) {
    const before = found.length;
    add(name, env[name], 'gemini', name.toLowerCase().replaceAll('_', '-'));
    if (!numbered && found.length > before) warnings.push(`no GEMINI_KEY_1…n is set: ${name} alone is used, and its project's quota is all there is`);
  }
  return { keys: found, warnings };
}

/** The process's environment, where there is one. */
export function hostEnv() {
  return globalThis.process?.env ?? globalThis.Deno?.env?.toObject?.() ?? {};
}

function order(part) {
  return part === undefined ? 1 : /^\d+$/.test(part) ? Number(part) : Infinity;
}

function idOf(prefix, part) {
  if (prefix === undefined) return /^\d+$/.test(part) ? `key-${part}` : part;
  return `${prefix}${part ?? 1}`;
}
