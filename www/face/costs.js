// What it costs, from the instance's own status: requests used and left, and when there is room again.
import { count, duration } from '../common/words.js';

/** @returns a function that shows the figures of a source (see voice/sources.js), or that there is none; and how many moods there were */
export function costs(find) {
  const put = (id, text) => {
    const element = find(id);
    if (element.textContent !== text) element.textContent = text;
  };
  return (source, moods) => {
    put('cost-moods', String(moods));
    if (source === null) {
      for (const id of ['cost-asked', 'cost-minute', 'cost-day', 'cost-next']) put(id, '…');
      find('cost-used').value = 0;
      return;
    }
    const { api, now } = source;
    const { pools, pace } = api.getStatus();
    const { totalRequests, tokens } = api.getStats();
    const sum = (pick) => pools.reduce((all, pool) => (all === null || pick(pool) === null ? null : all + pick(pool)), 0);
    const limit = sum(({ limits }) => limits.rpm ?? null);
    const left = pools.length === 0 ? null : sum(({ remaining: { rpm, rpd } }) => (rpm === null ? null : Math.min(rpm, rpd ?? rpm)));
    const today = pools.length === 0 ? null : sum(({ remaining }) => remaining.rpd);
    put('cost-asked', tokens.total > 0 ? `${count(totalRequests, 'request')}, ${count(tokens.total, 'token')}` : count(totalRequests, 'request'));
    put('cost-minute', left === null ? 'not known yet' : `${left} of ${limit}`);
    put('cost-day', today === null ? 'not known yet' : count(today, 'request'));
    put('cost-next', pace.signal !== 'wait' && left !== 0 ? 'now' : inWords(pace.waitMs ?? Math.min(...pools.map(({ resetsAt }) => resetsAt.minute)) - now()));
    find('cost-used').value = limit === null || limit === 0 || left === null ? 0 : Math.round((1 - left / limit) * 100);
  };
}

/** Where nobody waits, that is when the first of the minute's requests leaves it. */
function inWords(ms) {
  return ms > 0 ? `in ${duration(Math.ceil(ms / 1000) * 1000)}` : 'now';
}
