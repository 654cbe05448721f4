/** A reference that keeps nothing alive, where there are such: workerd has them since the compatibility date 2025-05-05. Without,
 *  whoever does not close an instance keeps it. */
export function weakly(target) {
  return typeof WeakRef === 'function' ? new WeakRef(target) : { deref: () => target };
}
