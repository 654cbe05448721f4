// The class that most people write first: next key every time, next key again on a 429, a short wait in between, as many
// attempts as keys. It counts nothing.

import { setTimeout as sleep } from 'node:timers/promises';

export default function create({ keys }) {
  let turn = 0;
  return {
    async call(url, { session: _, headers, ...init }) {
      let response;
      for (let attempt = 0; attempt < keys.length; attempt += 1) {
        const { key } = keys[turn % keys.length];
        turn += 1;
        response = await fetch(url, { ...init, headers: { ...headers, 'x-goog-api-key': key } });
        if (response.status !== 429) return response;
        await sleep(Math.min(100 * 2 ** attempt, 2000), undefined, { signal: init.signal });
      }
      return response;
    },
  };
}
