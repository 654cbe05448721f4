// Ours, with nothing counted over time and nobody listening: what observing costs is the difference.
import { limited } from './ours.mjs';

export default function create({ keys, stub, pkg: { QuotaAwareAPI } }) {
  const api = limited(QuotaAwareAPI, keys, { fetch: stub, usage: false });
  return { call: (url, init) => api.call(url, init), close: () => api.close() };
}
