// With everything on: limits of four kinds that are counted, usage from answers that are read, events that somebody hears.
export default function create({ keys, stub, pkg: { QuotaAwareAPI } }) {
  const limits = { rpm: 1e7, tpm: 1e9, rpd: 1e8, concurrency: 1e5 };
  const api = new QuotaAwareAPI(keys.map((key, at) => ({ key, project: `project-${at}` })), { fetch: stub, limits });
  let heard = 0;
  for (const type of ['waiting', 'rotate', 'rate-limited', 'key-down', 'quota-warning']) api.addEventListener(type, () => { heard += 1; });
  return { call: (url, init) => api.call(url, init), close: () => api.close(), heard: () => heard };
}
