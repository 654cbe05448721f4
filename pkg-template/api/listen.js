// Listening in on a response that its caller reads anyway. It stays the host's own: two of its methods get a listener,
// nothing is read, cloned or delayed.

/** Tells the document of a JSON response once `json()` or `text()` has brought it. What `tell` throws is nobody's. `read`: called
 *  after that, and where the body was read in another way, or in vain. Returns whether there is something to listen to. */
export function listen(response, tell, read) {
  const type = response.headers?.get?.('content-type');
  if (typeof type !== 'string' || !type.includes('json')) return false;
  try {
    // Not by assignment, though that would take a tenth of the time (1 us for two): a response shows nothing of ours.
    // A stub has methods of its own, a Response those of its class.
    const { json, text } = response;
    if (typeof json === 'function') Object.defineProperty(response, 'json', { configurable: true, writable: true, value: heard(json, tell, read) });
    if (typeof text === 'function') Object.defineProperty(response, 'text', { configurable: true, writable: true, value: heard(text, tell, read) });
    if (read !== undefined) for (const name of OTHER_WAYS) if (name in response) hearEnd(response, name, read);
    return true;
  } catch {
    // A frozen stub: nobody hears of it.
    return false;
  }
}

const OTHER_WAYS = ['arrayBuffer', 'bytes', 'blob'];

function hearEnd(response, name, read) {
  const way = response[name];
  if (typeof way === 'function') Object.defineProperty(response, name, { configurable: true, writable: true, value: heard(way, () => {}, read) });
}

function heard(way, tell, read) {
  return async function reading(...given) {
    try {
      const body = await way.apply(this, given);
      try {
        tell(typeof body === 'string' ? JSON.parse(body) : body);
      } catch { /* no JSON after all, or the instance was closed */ }
      return body;
    } finally {
      read?.();
    }
  };
}
