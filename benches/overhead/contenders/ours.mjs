// With everything on: limits of four kinds that are counted, usage over time, events that somebody hears.
export default function create({ keys, stub, pkg: { QuotaAwareAPI } }) {
  const api = limited(QuotaAwareAPI, keys, { fetch: stub });
  let heard = 0;
  for (const type of ['waiting', 'rotate', 'rate-limited', 'key-down', 'quota-warning']) api.addEventListener(type, () => { heard += 1; });
  return { call: (url, init) => api.call(url, init), close: () => api.close(), heard: () => heard };
}

/** An instance whose keys have limits that are never reached. */
export function limited(QuotaAwareAPI, keys, options) {
  const limits = { rpm: 1e7, tpm: 1e9, rpd: 1e8, concurrency: 1e5 };
  return new QuotaAwareAPI(keys.map((key, at) => ({ key, project: `project-${at}` })), { limits, ...options });
}
