// What a page may send to each provider, and see of its answer. Only the server needs it: `fetch` inside a page asks nobody.

/** @typedef {import('./defaults.js').ProviderName} ProviderName */

/**
 * @typedef {object} Manners
 * @property {boolean} echo answer with the page's own origin instead of `*`
 * @property {string} expose headers that scripts may read beside the safe ones
 * @property {readonly string[] | null} allow request headers that pass the preflight; null: any
 */

/** @type {Record<ProviderName, Manners>} */
const MANNERS = {
  gemini: {
    echo: true, expose: 'vary,vary,vary,content-encoding,date,server,content-length',
    allow: ['authorization', 'content-type', 'x-goog-api-client', 'x-goog-api-key'],
  },
  groq: { echo: false, expose: '', allow: null },
  openai: { echo: false, expose: 'X-Request-ID, CF-Ray', allow: null },
  anthropic: { echo: true, expose: 'request-id', allow: null },
};

/**
 * The answer to a preflight. An unlisted header gets a 403 without any CORS header, and the browser calls the whole request off.
 *
 * @param {ProviderName} provider @param {string} origin @param {string} asked `Access-Control-Request-Headers`
 * @returns {{ status: number, headers: Record<string, string> }}
 */
export function preflight(provider, origin, asked) {
  const { allow } = MANNERS[provider];
  const wanted = asked.split(',').map((header) => header.trim().toLowerCase()).filter(Boolean);
  if (allow && wanted.some((header) => !allow.includes(header))) return { status: 403, headers: {} };
  return {
    status: 200,
    headers: {
      ...allowOrigin(provider, origin),
      'access-control-allow-methods': 'DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT',
      'access-control-allow-headers': wanted.join(','),
      'access-control-max-age': '3600',
    },
  };
}

/** Errors have these too, so that a page can read what went wrong. @param {ProviderName} provider @param {string} origin @returns {Record<string, string>} */
export function corsHeaders(provider, origin) {
  const { expose } = MANNERS[provider];
  return { ...allowOrigin(provider, origin), ...(expose && { 'access-control-expose-headers': expose }) };
}

/** @param {ProviderName} provider @param {string} origin */
function allowOrigin(provider, origin) {
  return { 'access-control-allow-origin': MANNERS[provider].echo ? origin : '*' };
}
