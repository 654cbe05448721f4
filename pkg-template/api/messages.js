// What an error says: which text, and with what in it. The words themselves are in texts/english.js, or the user's own.

/** One sentence for whoever sees the error: what happened, in numbers; and one more for the fallbacks. */
export function message(account, texts) {
  const { fallbacks = [] } = account;
  const own = ownMessage(account, texts);
  if (fallbacks.length === 0) return own;
  return `${own} ${texts.say('fallbacks', { list: fallbacks.map((fallback) => fallbackLine(fallback, texts)).join('; ') })}`;
}

/** The same without the fallbacks. No address is in it: those are in the details, and in the report. */
export function ownMessage(account, texts) {
  const { code, detail, only, retryAfter, words, answer } = account;
  const parts = [happened(account, texts) ?? detail ?? code];
  if (WAITING.has(code) && isSaid(retryAfter)) parts.push(texts.say('wait', { span: texts.span(retryAfter) }));
  if (words && (SAYING.has(code) || (code === 'STREAM_BROKEN' && answer !== undefined))) parts.push(texts.say('words', { words: withoutLinks(oneLine(words)) }));
  // Others may be able, and are of no use.
  if (only && code !== 'OWNER_UNAVAILABLE') parts.push(texts.say('only', { project: only.project, why: texts.say(`why.${only.tie}`) }));
  return parts.filter(Boolean).join(' ');
}

/** A fallback that could not serve: "2. groq llama-3 (The quota of every key is used up …)". */
export function fallbackLine({ step, kind, provider, model, error }, texts) {
  const who = [kind === 'provider' ? provider : undefined, model ?? kind].filter(Boolean).join(' ');
  return texts.say('fallback', { step, who, why: error.message.replace(/\.$/, '') });
}

/** The codes after which a wait may be told, and those after which the provider's own words are. */
const WAITING = new Set(['QUOTA_EXCEEDED', 'PARTIAL_QUOTA', 'EXHAUSTED', 'QUEUE_FULL', 'SESSION_LIMIT', 'DEADLINE', 'OWNER_UNAVAILABLE']);
const SAYING = new Set(['REFUSED', 'BLOCKED']);

/** Undefined where a text was given instead: of a mistake in what was given, which is said where it is found. */
function happened(account, texts) {
  const { code, keysInvalid = 0, limit, elapsedMs, only, answer, detail, status, meaning, reason } = account;
  const numbers = numbersOf(account, texts);
  const say = (name, more) => texts.say(name, { ...numbers, ...more });
  switch (code) {
    case 'QUOTA_EXCEEDED': return say(keysInvalid === 0 ? code : `${code}.some-invalid`);
    case 'PARTIAL_QUOTA': case 'INVALID_KEYS': case 'EXHAUSTED': case 'TIMEOUT': case 'BODY_NOT_REPLAYABLE': return say(code);
    case 'NEVER_FITS': case 'QUEUE_FULL': case 'SESSION_LIMIT': return say(code, { limit });
    // Refused at once: its turn would have come too late.
    case 'DEADLINE': return elapsedMs === 0 ? say(`${code}.at-once`) : say(code, { span: texts.span(elapsedMs) });
    case 'OWNER_UNAVAILABLE': return say(code, { project: only.project, why: texts.say(`why.${only.tie}`), lacking: texts.say(`lacking.${lacking(account)}`) });
    case 'OWNERS_DIFFER': return say(code, { one: owned(account.one, texts), other: owned(account.other, texts) });
    case 'STREAM_BROKEN': return answer === undefined ? say(code) : say(`${code}.answer`, { characters: answer.text.length });
    case 'ORIGIN_NOT_ALLOWED': return say(code, { host: detail.replace(/^[a-z]+:\/\//, '') });
    case 'REDIRECTED': return status ? say(code, { status }) : say(`${code}.unseen`);
    case 'REFUSED': return say(code, { status, verdict: texts.say(`verdict.${meaning.verdict}`) });
    case 'BLOCKED': return reason === undefined ? say(code) : say(answer?.text ? `${code}.partway` : `${code}.reason`, { reason: oneLine(reason) });
    case 'NO_ANSWER': return say(`${code}.${reason}`, reason === 'misfit' ? { misfit: account.misfit } : {});
    case 'WASM_UNAVAILABLE': return OBSTACLES.has(account.obstacle) ? say(`${code}.${account.obstacle}`) : say(code, { fault: oneLine(detail).replace(/\.$/, '') });
    case 'CONFIG_INVALID': case 'SNAPSHOT_INVALID': return detail ?? say(code);
    case 'DRAINING': return say(code);
    case 'CLOSED': return detail ? say(`${code}.fault`, { fault: oneLine(detail) }) : say(code);
    case 'NOT_TRANSLATABLE': return say(code, { lost: detail });
    case 'FALLBACK_FAILED': return reason === undefined ? say(code, { fault: detail }) : say(`${code}.${reason}`);
    default: return undefined;
  }
}

/** What keeps the module from starting, where that is known. */
const OBSTACLES = new Set(['policy', 'absent', 'embedder', 'old']);

/** What most texts may speak of. */
function numbersOf({ keys = 0, keysExhausted = 0, keysInvalid = 0, attempts = [] }, texts) {
  const numbers = { keys, exhausted: keysExhausted, invalid: keysInvalid, attempts: attempts.length };
  return { ...numbers, tried: texts.say('tried', numbers) };
}

function lacking({ keys, keysExhausted, keysInvalid }) {
  if (keys === 0) return 'key';
  if (keysInvalid === keys) return 'accepted';
  return keysExhausted < keys ? 'enough' : 'quota';
}

function owned({ kind, project }, texts) {
  return texts.say('owned', { thing: texts.say(`thing.${kind}`), project });
}

/** The technical side: last status, limit, model, the provider's own words. */
export function details(account, texts) {
  const { code, attempts = [], meaning, keys, keysExhausted, keysInvalid, words, detail } = account;
  if (code === 'ORIGIN_NOT_ALLOWED') return detail;
  const counts = { keys, exhausted: keysExhausted, invalid: keysInvalid };
  const parts = [];
  if (keysExhausted > 0) parts.push(texts.say('details.exhausted', counts));
  if (keysInvalid > 0) parts.push(texts.say('details.invalid', counts));
  if (attempts.length > 0) parts.push(texts.say('details.attempts', { list: attempts.map((attempt) => attemptLine(attempt, texts)).join('; ') }));
  if (meaning) parts.push(quotaOf(meaning, texts));
  if (words) parts.push(texts.say('details.provider', { words: oneLine(words) }));
  return parts.filter(Boolean).join('. ') || message(account, texts);
}

/** What to do now, in one sentence. */
export function advice(account, texts) {
  const { code, detail, reason, obstacle } = account;
  switch (code) {
    case 'QUEUE_FULL': case 'SESSION_LIMIT': case 'NEVER_FITS': case 'OWNERS_DIFFER': case 'CLOSED': case 'DRAINING': case 'SNAPSHOT_INVALID': case 'NOT_TRANSLATABLE': case 'FALLBACK_FAILED':
    case 'BODY_NOT_REPLAYABLE': case 'REDIRECTED': return texts.say(`advice.${code}`);
    case 'OWNER_UNAVAILABLE': return ownersAdvice(account, texts);
    // A mistake says itself what was expected.
    case 'CONFIG_INVALID': return detail ?? texts.say(`advice.${code}`);
    case 'ORIGIN_NOT_ALLOWED': return texts.say(`advice.${code}`, { origin: detail });
    case 'WASM_UNAVAILABLE': return texts.say(OBSTACLES.has(obstacle) ? `advice.${code}.${obstacle}` : `advice.${code}`);
    case 'NO_ANSWER': return texts.say(reason === 'cut' ? `advice.${code}.cut` : `advice.${code}`);
    // Where nobody answered, there is no cause to take advice from.
    default: return account.meaning?.cause ? texts.say(`advice.${account.meaning.cause}`) : silence(account, texts);
  }
}

function ownersAdvice({ keys, keysInvalid, retryAfter, only: { project, kind } }, texts) {
  const facts = { project, thing: texts.say(`thing.${kind}`) };
  if (keys === 0 || keysInvalid === keys) return texts.say('advice.OWNER_UNAVAILABLE.key', facts);
  if (retryAfter) return texts.say('advice.OWNER_UNAVAILABLE.wait', { ...facts, span: texts.span(retryAfter) });
  return texts.say('advice.OWNER_UNAVAILABLE.quota', facts);
}

function silence({ code, retryAfter, answer }, texts) {
  if (retryAfter) return texts.say('advice.wait', { span: texts.span(retryAfter) });
  switch (code) {
    case 'TIMEOUT': case 'DEADLINE': return texts.say(`advice.${code}`);
    case 'STREAM_BROKEN': return texts.say(answer === undefined ? `advice.${code}` : `advice.${code}.answer`);
    // Every other quota comes back at some time, and is told when.
    case 'QUOTA_EXCEEDED': return texts.say('advice.no-quota');
    default: return texts.say('advice.connection');
  }
}

export function attemptLine({ key, status, verdict, waitedMs }, texts) {
  const facts = { key, status: status ?? texts.say('attempt.no-response'), verdict: texts.say(`verdict.${verdict}`) };
  return waitedMs > 0 ? texts.say('attempt.waited', { ...facts, span: texts.span(waitedMs) }) : texts.say('attempt', facts);
}

/** "15 requests per minute", as far as it is stated; empty where nothing of it is. */
export function quotaOf({ metric, window, limit }, texts) {
  if (!isSaid(limit) && !isSaid(metric)) return '';
  const facts = { metric: isSaid(metric) ? texts.say(`metric.${metric}`) : '', window: isSaid(window) ? texts.say(`window.${window}`) : '' };
  return isSaid(limit) ? texts.say('quota', { ...facts, limit }) : texts.say('quota.unstated', facts);
}

/** Providers put line breaks into their messages; ours are lines. */
export function oneLine(words) {
  return words.replace(/\s+/g, ' ').trim();
}

/** For people who have asked a question, not for those who keep the keys. */
function withoutLinks(words) {
  return words.replace(/\b[a-z][a-z+.-]*:\/\/[^\s)"'<>]*/gi, '…');
}

export function isSaid(value) {
  return value !== undefined && value !== null;
}
