// Health checks: now and then a request for whatever is down.

/** Timers of instances that are no more. */
const forgotten = typeof FinalizationRegistry === 'function' ? new FinalizationRegistry((timer) => clearInterval(timer)) : undefined;

/** Keeps neither a process nor the instance alive: `self` is a WeakRef of it. Returns the timer. */
export function checkingHealth(self, every) {
  const timer = setInterval(() => {
    const api = self.deref();
    // An instance that a fault has stopped tells whoever calls it, not the timer.
    if (api !== undefined) checkHealth(api).catch(() => {});
    else clearInterval(timer);
  }, Math.min(every, LONGEST_TIMER));
  timer.unref?.();
  forgotten?.register(self.deref(), timer);
  return timer;
}

/** Tests what is down, and one key that is up, so that a silent loss is noticed. One request each. */
async function checkHealth(api) {
  const { keys } = api.getStatus();
  const up = keys.find(({ health }) => health === 'available');
  for (const key of keys.filter((each) => each === up || each.health === 'invalid' || each.health === 'cooling-down')) {
    // Throws once the instance is closed, which ends it.
    api.getStatus();
    // What it finds reaches the engine; an error here would only be about the test itself.
    await api.testKey(key.id).catch(() => {});
  }
}

const LONGEST_TIMER = 2 ** 31 - 1;
