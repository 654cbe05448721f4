// Listening in on a response that its caller reads anyway. It stays the host's own: two of its methods get a listener,
// nothing is read, cloned or delayed.

/** Tells the document of a JSON response once `json()` or `text()` has brought it. What `tell` throws is nobody's. */
export function listen(response, tell) {
  const type = response.headers?.get?.('content-type');
  if (typeof type !== 'string' || !type.includes('json')) return;
  try {
    for (const method of ['json', 'text']) {
      // A stub has methods of its own, a Response those of its class.
      const read = response[method];
      if (typeof read !== 'function') continue;
      Object.defineProperty(response, method, {
        configurable: true, writable: true,
        async value() {
          const body = await read.call(this);
          try {
            tell(typeof body === 'string' ? JSON.parse(body) : body);
          } catch { /* no JSON after all, or the instance was closed */ }
          return body;
        },
      });
    }
  } catch { /* a frozen stub: nobody hears of it */ }
}
