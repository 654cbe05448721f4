// What a dashboard is told about an instance, as one value that can be sent.

/** Moves that travel: more than a screen shows. */
const MOVES = 100;

/** How an instance stands now, with no secret in it. Throws `CLOSED` after `close()`. */
export function stateOf(api) {
  return { at: Date.now(), status: api.getStatus(), stats: api.getStats(), history: api.getRotationHistory(MOVES) };
}

/** The report of use of the last 24 hours; null where the instance keeps none. */
export async function usageOf(api) {
  if (typeof api.getUsage !== 'function') return null;
  return (await api.getUsage({ from: Date.now() - 86_400_000 })) ?? null;
}

/** How often reports of use are made, in milliseconds: they tell of hours, and take long. What ends between two is counted. */
export const USAGE_EVERY = 30_000;

/** After each of these the state is another. Not `limit-learned`: nothing that is shown changes before the next attempt. */
export const CHANGES = ['attempt', 'settled', 'fallback', 'rotate', 'rate-limited', 'key-down', 'key-restored', 'all-keys-down', 'service-restored', 'quota-warning', 'waiting', 'shared-quota-suspected'];

/** Whether an error says that the instance is closed. */
export const isClosed = (error) => error?.code === 'CLOSED';
