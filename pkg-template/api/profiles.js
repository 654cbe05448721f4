// Named defaults of requests: what a call that names a profile does not say itself is filled in, in the words of the dialect.
import { mistake } from './errors.js';

/** Where a call goes, its init and its wishes, with what its profile says filled in; all as they are where it names none.
 *
 * @param profileOf `(name) => profile`; throws where there is none of that name */
export function profiled(endpoint, { init, quota }, routes, profileOf) {
  if (quota === undefined || quota.profile === undefined || quota.profile === null) return { target: routes.of(endpoint), init, quota };
  const { profile: name, ...asked } = quota;
  const profile = profileOf(name);
  for (const wish of WISHES) asked[wish] ??= profile[wish] ?? undefined;
  const target = routes.of(addressed(endpoint, profile, name));
  const needsBody = [profile.model, profile.temperature, profile.maxTokens].some((value) => value !== null);
  return { target, init: needsBody ? { ...init, body: filled(target.href, init.body, profile) } : init, quota: asked };
}

/** What the scheduler is asked, where the call asks nothing else. */
const WISHES = ['session', 'priority', 'workload', 'timeout', 'deadline', 'maxRetries'];

/** Gemini's URLs name the model; `{model}` in one is where the profile's goes. */
function addressed(endpoint, { model }, name) {
  const text = typeof endpoint === 'string' ? endpoint : endpoint?.href;
  if (typeof text !== 'string' || !PLACE.test(text)) return endpoint;
  if (model === null) throw mistake(`options.profiles.${name}.model`, 'expected the model for the {model} of the endpoint, got nothing');
  return text.replace(PLACE, encodeURIComponent(model));
}

const PLACE = /\{model\}|%7Bmodel%7D/i;

function filled(address, body, profile) {
  const fill = FILLS.find(([path]) => path.test(/^[^?#]*/.exec(address)[0]))?.[1];
  if (fill === undefined) throw mistake('quota.profile', 'expected a call of generateContent, chat/completions, messages or responses, since the profile has a model, a temperature or a most of tokens');
  const document = documentIn(body);
  return fill(document, profile, address) ? JSON.stringify(document) : body;
}

function documentIn(body) {
  if (typeof body !== 'string') throw mistake('init.body', `expected a string of JSON, for the profile to be filled in, got ${body === undefined || body === null ? 'nothing' : typeof body}`);
  try {
    const document = JSON.parse(body);
    if (typeof document === 'object' && document !== null && !Array.isArray(document)) return document;
  } catch { /* said below */ }
  throw mistake('init.body', 'expected a JSON object, for the profile to be filled in');
}

/** By the end of the path: fills a body in, and tells whether there was anything to fill in. */
const FILLS = [
  [/:(?:stream)?generateContent$/i, (body, { temperature, maxTokens }) => {
    const spelt = ['generationConfig', 'generation_config'].find((name) => typeof body[name] === 'object' && body[name] !== null);
    const config = spelt === undefined ? {} : body[spelt];
    const some = [fillIn(config, temperature, 'temperature'), fillIn(config, maxTokens, 'maxOutputTokens', 'max_output_tokens')].includes(true);
    if (some && spelt === undefined) body.generationConfig = config;
    return some;
  }],
  [/\/chat\/completions$/, (body, profile, address) => {
    // OpenAI and Groq have given the older name up; others know nothing else.
    const names = ['max_completion_tokens', 'max_tokens'];
    return fillAll(body, profile, NEWER.test(address) ? names : names.reverse());
  }],
  [/\/messages$/, (body, profile) => fillAll(body, profile, ['max_tokens'])],
  [/\/responses$/, (body, profile) => fillAll(body, profile, ['max_output_tokens'])],
];

const NEWER = /^https:\/\/api\.(?:openai|groq)\.com\//;

function fillAll(body, { model, temperature, maxTokens }, most) {
  return [fillIn(body, model, 'model'), fillIn(body, temperature, 'temperature'), fillIn(body, maxTokens, ...most)].includes(true);
}

/** Sets the first of a field's names, unless the call has said one of them; null is said too. */
function fillIn(fields, value, ...names) {
  if (value === null || names.some((name) => Object.hasOwn(fields, name))) return false;
  fields[names[0]] = value;
  return true;
}
