// With somebody who hears of each attempt.
import { limited } from './ours.mjs';

export default function create({ keys, stub, pkg: { QuotaAwareAPI } }) {
  let heard = 0;
  const api = limited(QuotaAwareAPI, keys, { fetch: stub });
  for (const type of ['attempt', 'settled', 'waiting', 'rotate']) api.addEventListener(type, () => { heard += 1; });
  return { call: (url, init) => api.call(url, init), close: () => api.close(), heard: () => heard };
}
