// A workshop in full swing, for pictures and for measuring: people ask, limits are met, keys fail. Numbers are drawn from a seed.
const { instance, call } = window.dash;
const NAMES = ['Amina', 'Bruno', 'Chloé', 'Dmitri', 'Elif', 'Farid', 'Greta', 'Hiro', 'Ines', 'Jonas', 'Kofi', 'Leila', 'Mateo', 'Nadia', 'Oskar', 'Priya', 'Quentin', 'Rosa', 'Sven', 'Tariq'];

/** A report of use of the last day: what an instance that has run since morning would tell. */
function usage(now, keys) {
  let seed = 7;
  const random = () => { seed = (seed * 16807) % 2147483647; return seed / 2147483647; };
  const minute = 60_000;
  const series = [];
  const hours = Array.from({ length: 24 }, (_, hour) => ({ hour, requests: 0, successes: 0, keys: {} }));
  for (let at = Math.floor(now / minute) * minute - 1439 * minute; at <= now; at += minute) {
    const hour = new Date(at).getHours();
    const busy = Math.exp(-(((hour - 10.5) / 2.2) ** 2)) + 0.8 * Math.exp(-(((hour - 15) / 1.8) ** 2)) + 0.03 + (now - at < 50 * minute ? 0.8 : 0);
    const requests = Math.round(busy * (22 + 14 * random()));
    const failures = Math.round(requests * (random() < 0.12 ? 0.25 : 0.02));
    series.push({ at, requests, successes: requests - failures, failures, rateLimited: failures, waited: Math.round(requests * Math.max(0, busy - 0.7) * random()), waitMs: 2000, latencyMs: 800 });
    hours[hour].requests += requests;
    hours[hour].successes += requests - failures;
    keys.forEach((key, at) => { hours[hour].keys[key] = (hours[hour].keys[key] ?? 0) + Math.round(requests * [0.45, 0.35, 0.2][at % 3]); });
  }
  const errors = [['rate-limited', 'rate_limit', 41], ['overloaded', 'other', 12], ['invalid-key', 'invalid_key', 3], ['timeout', 'other', 2]].map(([verdict, category, count]) => (
    { verdict, category, count, keys: { [keys[0]]: Math.ceil(count * 0.6), [keys[1]]: Math.floor(count * 0.4) } }));
  return { range: { from: series[0].at, to: now }, step: 'minute', series, pattern: hours, errors };
}

/** Several keys in all kinds of health, and a queue. `shown` is told of the instance before anything happens. */
export async function workshop(shown = () => {}) {
  const names = ['gemini-room-a', 'gemini-room-b', 'spare', 'sponsor-with-a-rather-long-name-2026', 'old-account', 'tutor'];
  const keys = names.map((id) => ({ key: `fake-key-of-${id}-0001`, id, limits: { rpm: id === 'tutor' ? 10 : 15, rpd: 1000 } }));
  const { api, mock } = instance(keys, { strategy: 'round-robin' }, { latency: { min: 150, max: 900 } });
  api.getUsage = () => usage(Date.now(), names);
  shown(api);
  mock.breakKey('fake-key-of-old-account-0001');
  mock.exhaust('fake-key-of-spare-0001', 'day');
  const calls = [];
  for (let n = 0; n < 96; n += 1) {
    calls.push(call(api, { session: NAMES[n % NAMES.length], priority: n % 11 === 0 ? 1 : 5 }, `question ${n}`).catch(() => {}));
    if (n === 30) await new Promise((resolve) => { setTimeout(resolve, 1500); });
  }
  await new Promise((resolve) => { setTimeout(resolve, 2500); });
  return { api, mock };
}

/** Everything is well. */
export async function calm(shown = () => {}) {
  const { api, mock } = instance(['anna', 'berta', 'carla'].map((id) => ({ key: `fake-${id}`, id, limits: { rpm: 15, rpd: 500 } })), {}, { latency: { min: 200, max: 700 } });
  api.getUsage = () => usage(Date.now(), ['anna', 'berta', 'carla']);
  shown(api);
  for (let n = 0; n < 9; n += 1) await call(api, { session: NAMES[n] });
  return { api, mock };
}

window.lively = { workshop, calm, usage };
