// The sentence that whoever stands before forty people needs: what is, and what comes next.
import { readyKeys } from './quota.js';

/**
 * `{ tone, headline, detail, kind }`: `tone` is `good`, `busy`, `wait`, `bad` or `none`; `kind` stays the same while only time
 * passes, so that a screen reader need not say every second.
 */
export function sentenceOf({ status, closed, connection }, now, texts, format) {
  const words = texts.sentence;
  if (closed) return said('bad', 'closed', words.closed, words.closedDetail);
  if (!status) return said('none', 'nothing', words.nothing, connection ? words.asking : words.nothingDetail);
  if (status.state === 'invalid-keys') return said('bad', 'invalid', words.invalid, words.invalidDetail);
  const { queue, keys, pace } = status;
  const ready = readyKeys(status);
  const keysReady = words.keysReady(ready, keys.length);
  if (queue.waiting > 0) {
    const next = nextPlace(queue.calls);
    const headline = next === null ? words.nextPlaceUnknown : next - now <= 0 ? words.nextPlaceNow : words.nextPlace(next - now);
    const crowd = crowdOf(queue);
    return said('wait', `queue ${Math.ceil(Math.log2(crowd.count + 1))}`, headline, `${words[crowd.people ? 'peopleWait' : 'callsWait'](crowd.count)}. ${keysReady}.`);
  }
  if (status.state === 'exhausted') {
    const until = status.nextAvailableAt;
    return said('bad', 'exhausted', until === null || until <= now ? words.noKeyUnknown : words.noKey(until - now), `${words.nobodyWaits}. ${keysReady}.`);
  }
  const rest = `${words.nobodyWaits}. ${keysReady}.`;
  if (pace.signal === 'wait') return said('wait', 'wait', pace.waitMs === null ? words.waitUnknown : words.wait(pace.waitMs), rest);
  if (pace.signal === 'slow') return said('busy', 'slow', words.slow(format.percent(pace.used ?? 1)), rest);
  return said('good', `ready ${ready}`, words.ready, rest);
}

function said(tone, kind, headline, detail) {
  return { tone, kind, headline, detail };
}

/** The soonest promise to anybody. */
function nextPlace(calls) {
  let next = null;
  for (const { startsAt } of calls) if (startsAt !== null && (next === null || startsAt < next)) next = startsAt;
  return next;
}

/** People, where every waiting call says whose it is; else calls. The list names a hundred at most. */
function crowdOf({ waiting, calls }) {
  const named = calls.length === waiting && calls.every(({ session }) => session !== null);
  return named ? { people: true, count: new Set(calls.map(({ session }) => session)).size } : { people: false, count: waiting };
}
