// What outlives an instance: its own state, and that of its fallbacks.
import { apart } from './given.js';

export function snapshotOf(engine, chain) {
  const own = engine.use((raw) => raw.snapshot());
  return chain === undefined ? own : { ...own, fallbacks: chain.snapshots() };
}

/** Looks at all of it before any of it counts. @returns what makes it count */
export function restoring(engine, chain, snapshot) {
  const { own, fallbacks } = apart(snapshot);
  engine.use((raw) => raw.checkSnapshot(own));
  const others = chain?.restoring(fallbacks);
  return () => {
    const restored = engine.use((raw) => raw.restore(own));
    for (const of of others?.() ?? []) for (const name of Object.keys(restored)) restored[name] += of[name];
    return restored;
  };
}
