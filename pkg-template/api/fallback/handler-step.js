// The last resort: an answer that the user's own program makes up, and that says so.
import { failed } from './failures.js';
import { isReplayable } from '../request.js';

/** Stands on an answer that no provider gave. */
export const MARK = 'x-quota-aware-fallback';

export class HandlerStep {
  kind = 'handler';
  sends = false;
  model = null;
  #handler;
  #interrupts;

  constructor({ handler }, { interrupts }) {
    this.#handler = handler;
    this.#interrupts = interrupts;
  }

  provider() {
    return null;
  }

  usual() {
    return 0;
  }

  async ready(course) {
    const request = requestOf(course);
    // In a promise, so that one that throws at once is one that rejects.
    const answer = async (cause) => this.#handler(request, cause);
    return async (_, cause) => {
      const answered = await course.within(this.#interrupts, () => answer(cause)).catch((error) => {
        throw course.signal?.aborted || error?.code === 'CLOSED' || error?.code === 'FALLBACK_FAILED' ? error : failed('threw', error);
      });
      return { response: marked(answered), left: [] };
    };
  }

  close() {}
}

/** The call as a Request: without a key, since that was taken off. */
function requestOf({ href, init }) {
  const { method, headers, body, signal } = init;
  return new Request(href, { method, headers, ...(signal && { signal }), ...(body !== undefined && body !== null && isReplayable(body) && { body }) });
}

function marked(response) {
  if (typeof response?.status !== 'number' || typeof response.headers?.get !== 'function') throw failed('no-response');
  if (response.bodyUsed) throw failed('read');
  try {
    response.headers.set(MARK, 'handler');
    return response;
  } catch { /* what came from a `fetch` can't be written on */ }
  try {
    const headers = new Headers(response.headers);
    headers.set(MARK, 'handler');
    return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
  } catch (error) {
    throw failed('unmarkable', error);
  }
}
