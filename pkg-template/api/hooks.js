// What the engine may call.
import { edge } from './core.js';
import { hostEnv } from './env.js';
import { likelyMidnight, pacificMidnight } from './pacific.js';

/** The engine's table of JavaScript values is a root of the collector's, so nothing in here may lead to the instance; and closures
 *  made in one function share all its variables: hence a room apart. The same holds for functions that we were given: they may
 *  have been made beside a listener that knows the instance.
 *
 *  @param self a WeakRef of parts of the instance: `{ outlet, now, events, calls, sender }` */
export function hooksOf(self, hasClock, random = Math.random) {
  return {
    fetch: (url, init) => self.deref().outlet.fetch(url, init),
    refetch: (url, init) => {
      const { outlet, sender } = self.deref();
      return outlet.refetch(url, init, sender.records !== undefined);
    },
    now: hasClock ? () => self.deref()?.now() : undefined,
    pacificMidnight, likelyMidnight, apart: edge !== undefined,
    env: (name) => hostEnv()[name],
    // These three are called from within the engine's own call, which nothing may leave by throwing. Each number by its name: a list
    // of them is what took the time.
    notify: (type, detail) => {
      try {
        self.deref()?.events?.tell(type, detail);
      } catch { /* of an instance that a fault has stopped */ }
    },
    attempt: (at, call, key, position, of, model, attempt) => {
      try {
        self.deref()?.events?.attempt(at, call, key, position, of, model, attempt);
      } catch { /* of an instance that a fault has stopped */ }
    },
    settled: (at, call, attempt, key, position, of, provider, project, model, session, operation, verdict, status, latency, waited) => {
      try {
        self.deref()?.events?.settled(at, call, attempt, key, position, of, provider, project, model, session, operation, verdict, status, latency, waited);
      } catch { /* of an instance that a fault has stopped */ }
    },
    goOn: (ticket) => self.deref()?.calls.told(ticket),
    // 53 bits: what a number can carry.
    seed: Math.floor((random ?? Math.random)() * 2 ** 53),
  };
}
