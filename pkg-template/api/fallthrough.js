// What the drop-in `fetch` resolves to when no key could serve: an HTTP answer, as the provider would have given it, so
// that an SDK's own error handling works.
import { QuotaAwareError } from './errors.js';
import { explain } from './explain.js';

const OUT_OF_QUOTA = new Set(['QUOTA_EXCEEDED', 'PARTIAL_QUOTA', 'EXHAUSTED', 'QUEUE_FULL', 'SESSION_LIMIT', 'DEADLINE', 'NEVER_FITS', 'BODY_NOT_REPLAYABLE']);

/** A Response in place of an error, where there is one to give; else throws what `fetch` would have thrown. */
export function emptyHanded(error) {
  if (!(error instanceof QuotaAwareError)) throw error;
  const response = inPlaceOf(error);
  return error.trace === null ? response : explain(response, error.trace);
}

function inPlaceOf(error) {
  const { code, response, attempts, cause, retryAfter } = error;
  const last = attempts.at(-1);
  // A page's is opaque, and an SDK that got the other would follow it.
  if (code === 'REDIRECTED') throw error;
  if (response !== null && response.status !== 429) return response;
  if (response === null && last !== undefined && last.status === null && code !== 'DEADLINE') throw cause ?? error;
  if (!OUT_OF_QUOTA.has(code) && !(code === 'OWNER_UNAVAILABLE' && retryAfter !== null)) throw error;
  return refusal(error);
}

function refusal(error) {
  const { response, retryAfter } = error;
  const headers = new Headers(response?.headers);
  headers.delete('content-encoding');
  headers.delete('content-length');
  if (retryAfter !== null) {
    headers.set('retry-after', String(Math.ceil(retryAfter / 1000)));
    headers.set('retry-after-ms', String(retryAfter));
  }
  // The waiting and the retrying have been done: an SDK that did them again would multiply both.
  headers.set('x-should-retry', 'false');
  const status = { status: 429, statusText: 'Too Many Requests', headers };
  if (response !== null && !response.bodyUsed) return new Response(response.body, status);
  headers.set('content-type', 'application/json');
  return new Response(JSON.stringify(body(error)), status);
}

/** Google's envelope with the words of OpenAI's beside them: every SDK finds a message. */
function body({ message, retryAfter }) {
  const details = retryAfter === null ? [] : [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${Math.ceil(retryAfter / 1000)}s` }];
  return { error: { code: 429, message, status: 'RESOURCE_EXHAUSTED', type: 'rate_limit_error', details } };
}
