// How things stand, in a sentence for whoever looks after an event and keeps no keys in mind.

/** @param status what `getStatus()` tells */
export function summary(status, texts) {
  const own = standing(status, texts);
  const isDown = status.state === 'exhausted' || status.state === 'invalid-keys';
  return isDown && status.fallbacks.some(({ state }) => state === 'ok' || state === 'degraded') ? `${own} ${texts.say('status.fallbacks')}` : own;
}

function standing({ state, keys, pace, queue }, texts) {
  const waits = keys.map(({ availableInMs }) => availableInMs).filter((ms) => ms !== null);
  const soonest = waits.length === 0 ? null : Math.min(...waits);
  const numbers = { keys: keys.length, available: keys.filter(({ health }) => CAN_SERVE.has(health)).length };
  const within = (name, ms, facts) => (ms === null ? texts.say(`${name}.unknown`, facts) : texts.say(name, { ...facts, span: texts.span(ms) }));
  if (state === 'invalid-keys') return texts.say('status.invalid', numbers);
  if (keys.every(({ quotaExceeded }) => quotaExceeded)) return within('status.day', soonest, numbers);
  if (pace.signal === 'wait' && queue.waiting > 0) return within('status.waiting', pace.waitMs, { ...numbers, waiting: queue.waiting });
  if (state === 'exhausted') return within('status.down', soonest, numbers);
  if (state === 'degraded') return within('status.some', soonest, numbers);
  if (pace.signal === 'slow') return texts.say('status.slow', { ...numbers, percent: Math.round(pace.used * 100) });
  return texts.say('status.ok', numbers);
}

const CAN_SERVE = new Set(['available', 'probing']);
