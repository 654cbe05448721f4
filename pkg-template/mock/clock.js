// Waiting in real time, and giving up on it.

/**
 * Resolves after `ms`; rejects with the signal's reason as soon as it is aborted.
 *
 * @param {number} ms @param {AbortSignal | null} signal @returns {Promise<void>}
 */
export function realSleep(ms, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', giveUp);
      resolve();
    }, ms);
    const giveUp = () => {
      clearTimeout(timer);
      reject(/** @type {AbortSignal} */ (signal).reason);
    };
    signal?.addEventListener('abort', giveUp, { once: true });
  });
}

/**
 * `sleep` that gives up with its signal, even where the sleep it was given does not listen.
 *
 * @param {(ms: number, signal: AbortSignal | null) => Promise<void>} sleep
 * @param {number} ms @param {AbortSignal | null} signal @returns {Promise<void>}
 */
export async function sleepUntilAborted(sleep, ms, signal) {
  if (!signal) return sleep(ms, null);
  signal.throwIfAborted();
  /** @type {() => void} */ let giveUp = () => {};
  const aborted = new Promise((_, reject) => {
    giveUp = () => reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
  });
  try {
    await Promise.race([sleep(ms, signal), aborted]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
