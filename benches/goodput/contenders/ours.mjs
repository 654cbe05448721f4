// This package, told what the profile tells. Patience only: everything else as it comes.

import { pathToFileURL } from 'node:url';

/** @param {{ keys: { key: string, project?: string, rpm?: number }[], origin: string, pkg: string }} given */
export default async function create({ keys, origin, pkg }) {
  const { QuotaAwareAPI } = await import(pathToFileURL(`${pkg}/dist/index.js`).href);
  const configured = keys.map(({ key, project, rpm }) => (
    project === undefined ? key : { key, project, limits: { rpm } }
  ));
  const client = new QuotaAwareAPI(configured, {
    allowedOrigins: [origin],
    queue: { maxWait: 600_000, maxSize: 10_000 },
    deadline: 900_000,
  });
  return {
    call: (url, { session, ...init }) => client.call(url, { ...init, quota: session === undefined ? {} : { session } }),
    close: () => client.close(),
  };
}
