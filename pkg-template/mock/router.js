// Which provider's language a request is spoken in.

/** @typedef {import('./defaults.js').ProviderName} ProviderName */

/** @type {Record<string, ProviderName>} */
const HOSTS = {
  'generativelanguage.googleapis.com': 'gemini',
  'api.groq.com': 'groq',
  'api.openai.com': 'openai',
  'api.anthropic.com': 'anthropic',
};

/**
 * By the real host where it is one; on any other (a mock server, a proxy) by the shape of the path, and where two providers share
 * a path (`/v1/models`) by what is configured.
 *
 * @param {URL} url @param {Headers} headers @param {readonly ProviderName[]} configured in order of declaration
 * @returns {ProviderName}
 */
export function providerOf(url, headers, configured) {
  const host = HOSTS[url.hostname];
  if (host) return host;
  const path = url.pathname;
  if (/\/v1(alpha|beta)\d*\//.test(path) || /\/models\/[^/]+:\w+$/.test(path) || headers.has('x-goog-api-key')) return 'gemini';
  if (/\/v1\/messages(\/|$)/.test(path) || headers.has('anthropic-version')) return 'anthropic';
  if (/\/openai\/v1\//.test(path)) return 'groq';
  const openaiShaped = /\/v1\/(chat\/completions|responses|embeddings|models|files)/.test(path);
  return (openaiShaped && SPEAKERS.find((name) => configured.includes(name))) || configured[0];
}

/** Who is meant by a path of OpenAI's on no known host. @type {readonly ProviderName[]} */
const SPEAKERS = ['openai', 'groq'];
