// What people tell an instance from a dashboard: by a button beside it, or by a request to a server that has it.

/**
 * Does what was ordered, and resolves to the result of a test, or null.
 *
 * The words come from afar: anything but the four orders, or an unknown key, is a `TypeError`.
 */
export async function performOrder(api, order) {
  const { action, key = null } = order ?? {};
  if (key !== null && !api.getStatus().keys.some(({ id }) => id === key)) throw new TypeError('key: expected the id of a key, or null');
  if (action === 'reset') {
    api.resetQuotaFlags(key ?? undefined);
    return null;
  }
  if (key !== null) {
    if (action === 'test') return api.testKey(key);
    if (action === 'disable' && typeof api.disableKey === 'function') return (await api.disableKey(key), null);
    if (action === 'enable' && typeof api.enableKey === 'function') return (await api.enableKey(key), null);
  }
  throw new TypeError('action: expected "reset", or with a key "test", "disable" or "enable"');
}

/** The orders that an instance can carry out. */
export function ordersOf(api) {
  return { reset: true, test: true, disable: typeof api.disableKey === 'function', enable: typeof api.enableKey === 'function' };
}
