// With a sink that gets a record of each attempt, in batches.
import { limited } from './ours.mjs';

export default function create({ keys, stub, pkg: { QuotaAwareAPI } }) {
  let written = 0;
  const sink = { write: (records) => { written += records.length; } };
  const api = limited(QuotaAwareAPI, keys, { fetch: stub, sink });
  return { call: (url, init) => api.call(url, init), close: () => api.close(), heard: () => written };
}
