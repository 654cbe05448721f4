// Everything that people read of an error, in one file. No secret and no stack reaches it: keys are named by their ids.

const LINKS = {
  limits: 'https://ai.google.dev/gemini-api/docs/rate-limits',
  usage: 'https://aistudio.google.com/usage',
  groq: 'https://console.groq.com/settings/limits',
  openai: 'https://platform.openai.com/settings/organization/limits',
  anthropic: 'https://console.anthropic.com/settings/limits',
};

/** One sentence for whoever sees the error: what happened, in numbers; and one more for the fallbacks. */
export function message(account) {
  const { fallbacks = [] } = account;
  if (fallbacks.length === 0) return ownMessage(account);
  return `${ownMessage(account)} No fallback could serve: ${fallbacks.map(fallbackLine).join('; ')}.`;
}

/** A fallback that could not serve: "2. groq llama-3 (The quota of every key is used up …)". */
function fallbackLine({ step, kind, provider, model, error }) {
  const who = [kind === 'provider' ? provider : undefined, model ?? kind].filter(Boolean).join(' ');
  return `${step}. ${who} (${error.message.replace(/\.$/, '')})`;
}

function ownMessage(account) {
  const { code, only } = account;
  // Others may be able, and are of no use.
  return only && code !== 'OWNER_UNAVAILABLE' ? `${happened(account)} Only project "${only.project}" may serve it: ${only.why}.` : happened(account);
}

function happened(account) {
  const { code, keys = 0, keysExhausted = 0, keysInvalid = 0, attempts = [] } = account;
  const tried = `${count(keys, 'key')}, ${count(attempts.length, 'attempt')}`;
  const wait = account.retryAfter === null || account.retryAfter === undefined ? '' : ` Try again in ${span(account.retryAfter)}.`;
  switch (code) {
    case 'QUOTA_EXCEEDED':
      return keysInvalid === 0
        ? `The quota of every key is used up (${tried}).${wait}`
        : `No key is left: ${keysExhausted} of ${keys} have no quota, ${keysInvalid} are not accepted (${tried}).${wait}`;
    case 'PARTIAL_QUOTA': return `${keysExhausted} of ${keys} keys have no quota left, and the others could not serve (${tried}).${wait}`;
    case 'INVALID_KEYS': return `No key is accepted by the provider (${tried}).`;
    case 'EXHAUSTED': return `No key could serve the call (${tried}).${wait}`;
    case 'NEVER_FITS': return `The request is larger than the limit of ${account.limit} tokens, so waiting will not help.`;
    case 'QUEUE_FULL': return `Too many calls are waiting already (${account.limit} may).${wait}`;
    case 'SESSION_LIMIT': return `This session calls too often (${account.limit} a second are allowed).${wait}`;
    // Refused at once: its turn would have come too late.
    case 'DEADLINE': return account.elapsedMs === 0 ? `The call can't be served in the time that it has (${tried}).${wait}` : `The call ran out of time after ${span(account.elapsedMs)} (${tried}).${wait}`;
    case 'OWNER_UNAVAILABLE': return `Only project "${account.only.project}" can serve the call, because ${account.only.why}, and ${lacking(account)} (${tried}).${wait}`;
    case 'TIMEOUT': return `The provider did not answer in time (${tried}).`;
    case 'STREAM_BROKEN': return account.answer === undefined ? `The stream broke before its answer was whole (${tried}).` : `The answer broke off after ${count(account.answer.text.length, 'character')}.${said(account)}`;
    case 'ORIGIN_NOT_ALLOWED': return `Keys may not be sent to ${account.detail}. Name its origin in options.allowedOrigins if it is yours.`;
    case 'BODY_NOT_REPLAYABLE': return `The first attempt failed, and a body that is a stream can't be sent twice (${tried}).`;
    case 'REDIRECTED': return `The endpoint answered with a redirect${account.status ? ` (${account.status})` : ''}, which is not followed: the key would go along.`;
    case 'REFUSED': return `The provider refused the request (${account.status} ${account.meaning.verdict}).${said(account)}`;
    case 'BLOCKED': return `The provider blocked the ${account.answer?.text ? 'answer, after a part of it' : 'request or its answer'}${account.reason === undefined ? '' : ` (${oneLine(account.reason)})`}.${said(account)}`;
    case 'NO_ANSWER': return NO_ANSWER[account.reason] ?? `The answer does not fit the schema: ${account.misfit}.`;
    case 'WASM_UNAVAILABLE': return OBSTACLES[account.obstacle]?.happened ?? `The engine can't be started: ${oneLine(account.detail)}.`;
    case 'CONFIG_INVALID': return account.detail ?? `No key is configured for this provider and model.`;
    default: return account.detail ?? code;
  }
}

function lacking({ keys, keysExhausted, keysInvalid }) {
  if (keys === 0) return 'it has no key any more';
  if (keysInvalid === keys) return 'none of its keys is accepted';
  return keysExhausted < keys ? 'not enough of its keys can serve' : 'its quota is used up';
}

/** The technical side: last status, limit, model, the provider's own words. */
export function details(account) {
  const { attempts = [], meaning, keys, keysExhausted, keysInvalid, words } = account;
  if (keys === undefined) return account.detail ?? message(account);
  const parts = [];
  if (keysExhausted > 0) parts.push(`${keysExhausted} of ${keys} keys without quota`);
  if (keysInvalid > 0) parts.push(`${keysInvalid} of ${keys} keys not accepted`);
  if (attempts.length > 0) parts.push(`attempts: ${attempts.map(attemptLine).join('; ')}`);
  if (meaning) parts.push(limitLine(meaning));
  if (words) parts.push(`provider: ${oneLine(words)}`);
  return parts.filter(Boolean).join('. ');
}

/** What to do now, in one sentence. */
export function advice(account) {
  switch (account.code) {
    case 'QUEUE_FULL': return 'Send fewer calls at once, or raise options.queue.maxSize.';
    case 'SESSION_LIMIT': return 'Call less often, or raise options.sessionRate.';
    case 'NEVER_FITS': return 'Shorten the request, or use a model or tier with a higher limit.';
    case 'OWNER_UNAVAILABLE': return ownersAdvice(account);
    case 'OWNERS_DIFFER': return 'Make all that a call needs with one project: name it in quota.project of the calls that make it.';
    case 'CONFIG_INVALID': case 'ORIGIN_NOT_ALLOWED': case 'CLOSED': return message(account);
    case 'WASM_UNAVAILABLE': return OBSTACLES[account.obstacle]?.advice ?? 'See error.cause.';
    case 'NOT_TRANSLATABLE': return 'Leave out of the request what is named, or allow the fallback to, with its leaveOut.';
    case 'FALLBACK_FAILED': return 'See error.cause, where there is one.';
    case 'BODY_NOT_REPLAYABLE': return 'Give the body as a string, as bytes or as a Blob, so that it can be sent again.';
    case 'REDIRECTED': return 'Call the address that it leads to (error.response tells, except in pages); options.allowedOrigins must name its origin.';
    case 'NO_ANSWER': return account.reason === 'cut' ? 'Raise options.maxTokens: thinking counts too.' : 'Ask again, perhaps in other words; what came is in error.answer.';
    // Where nobody answered, there is no meaning to take advice from.
    default: return account.meaning?.advice || silence(account);
  }
}

/** What keeps the module from starting. */
const OBSTACLES = {
  policy: {
    happened: "The Content Security Policy forbids WebAssembly: its script-src lacks 'wasm-unsafe-eval'.",
    advice: "Add 'wasm-unsafe-eval' to script-src (of a Web Extension: in content_security_policy.extension_pages); it allows WebAssembly and no other code from text.",
  },
  absent: {
    happened: 'There is no WebAssembly here: it is switched off (the lockdown mode of a browser, --jitless of Node), or this host has none.',
    advice: 'Allow WebAssembly here, or make the calls elsewhere.',
  },
  embedder: {
    happened: 'This runtime compiles no WebAssembly from bytes.',
    advice: 'Bundle with the condition "workerd" or "edge-light", or import a compiled module from quota-aware-api/core.wasm and hand it over in options.wasm.',
  },
  old: {
    happened: 'This host is too old for the module: it lacks a part of WebAssembly.',
    advice: 'Use Chrome 96, Firefox 93, Safari 16.4, Node 20, or anything newer.',
  },
};

const NO_ANSWER = {
  cut: 'The most tokens were used up before there was an answer to hand over.',
  empty: 'The provider answered without any text.',
  'no-json': 'The answer is no JSON, although a schema was given.',
};

function said({ words }) {
  return words ? ` It says: ${oneLine(words)}` : '';
}

function ownersAdvice({ keys, keysInvalid, retryAfter, only: { project, kind } }) {
  const anew = `or make the ${kind.replace('-', ' ')} anew with another`;
  if (keys === 0 || keysInvalid === keys) return `Give project "${project}" a key that works, ${anew}.`;
  return retryAfter ? `Wait ${span(retryAfter)}, ${anew}.` : `Give project "${project}" quota, ${anew}.`;
}

function silence({ code, retryAfter, answer }) {
  if (retryAfter) return `Wait ${span(retryAfter)}.`;
  switch (code) {
    case 'TIMEOUT': return 'Check the connection, or allow an attempt more time with options.timeout.';
    case 'STREAM_BROKEN': return answer === undefined ? 'Ask again: what has come is not the whole answer, and could not be taken back to try elsewhere.' : 'Ask again; what had come is in error.answer.';
    case 'DEADLINE': return 'Allow calls more time with options.deadline, or make fewer at once.';
    default: return 'Check the connection, and try again.';
  }
}

/** The readable account: what happened, which quota, how long, what to do now, how to prevent it. */
export function report(account) {
  const { attempts = [], meaning } = account;
  const lines = [ownMessage(account), ''];
  if (meaning) {
    const quota = limitLine(meaning);
    if (quota) lines.push(`Quota:     ${quota}`);
    if (meaning.model) lines.push(`Model:     ${meaning.model}`);
  }
  if (account.retryAfter !== null && account.retryAfter !== undefined) lines.push(`Wait:      ${span(account.retryAfter)}`);
  for (const [at, attempt] of attempts.entries()) lines.push(`${at === 0 ? 'Tried:     ' : '           '}${attemptLine(attempt)}`);
  for (const fallback of account.fallbacks ?? []) lines.push(`Fallback:  ${oneLine(fallbackLine(fallback))}`);
  if (account.words) lines.push(`Provider:  ${oneLine(account.words)}`);
  lines.push('', `Now:       ${advice(account)}`);
  const prevention = preventionOf(account);
  if (prevention) lines.push(`Next time: ${prevention}`);
  if (['rate-limited', 'quota-exhausted', 'out-of-credit', 'permission'].includes(meaning?.verdict)) {
    lines.push(`Limits:    ${LINKS.limits}`, `Usage:     ${LINKS.usage}`, `Others:    ${LINKS.groq} ${LINKS.openai} ${LINKS.anthropic}`);
  }
  return lines.join('\n');
}

/** A span as people say it: "3.2 s", "4 min 10 s", "5 h 20 min". */
export function span(ms) {
  const seconds = ms / 1000;
  if (seconds < 10) return `${Math.ceil(seconds * 10) / 10} s`;
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const whole = Math.ceil(seconds);
  const [h, min, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  return h > 0 ? `${h} h ${min} min` : `${min} min ${s} s`;
}

function preventionOf({ code, meaning }) {
  if (code === 'OWNER_UNAVAILABLE') return 'Make what many calls need with several projects, so that they do not depend on the quota and the keys of one.';
  if (code === 'INVALID_KEYS') return 'Check keys with testAllKeys() before people depend on them.';
  switch (meaning?.verdict) {
    case 'rate-limited': return "Declare the project's limits in options.limits, so that calls wait before they are refused; keys of other projects add quota, more keys of one project do not.";
    case 'quota-exhausted': return 'Add a key of another project, a smaller model with a quota of its own, or billing; declare rpd in options.limits to see the end coming.';
    case 'out-of-credit': return 'Set a budget alert with the provider.';
    case 'overloaded': return 'Have a second model ready; overload is the model\'s, not the key\'s.';
    default: return null;
  }
}

function attemptLine({ key, status, verdict, waitedMs }) {
  return `${key} ${status ?? 'no response'} ${verdict}${waitedMs > 0 ? ` after waiting ${span(waitedMs)}` : ''}`;
}

/** Providers put line breaks into their messages; ours are lines. */
function oneLine(words) {
  return words.replace(/\s+/g, ' ').trim();
}

function limitLine({ metric, window, limit }) {
  if (limit === null && metric === null) return '';
  const counted = metric === null ? '' : ` ${metric.replace('-', ' ')}`;
  return `${limit === null ? 'a limit of' : limit}${counted}${window === null ? '' : ` per ${window}`}`;
}

function count(number, noun) {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
