// What is left of a key's quota, as a share and as a bar.

/** The tightest of the limits that are known of the pools of a key's project: `{ share, limit, resetsAt }`; null where none is known. */
export function leftOf({ project, provider }, pools) {
  let tightest = null;
  for (const pool of pools) {
    if (pool.project !== project || (provider !== null && pool.provider !== provider)) continue;
    for (const [limit, left] of Object.entries(pool.remaining)) {
      if (left === null) continue;
      const share = left / pool.limits[limit];
      if (tightest === null || share < tightest.share) tightest = { share, limit, resetsAt: pool.resetsAt[limit === 'rpd' ? 'day' : 'minute'] };
    }
  }
  return tightest;
}

/** A bar of so many places, the share, and which limit it is of; as wide where nothing is known. */
export function barOf(left, places, style) {
  const [open, full, empty, close] = style.bar;
  if (left === null) return 'unknown'.padEnd(places + style.edges + FIGURE);
  // What is left is never drawn as nothing, nor what is used as all there is.
  const some = Math.max(0, Math.min(places - 1, Math.max(1, Math.round(left.share * places))));
  const filled = left.share <= 0 ? 0 : left.share >= 1 ? places : some;
  const figure = `${String(Math.floor(left.share * 100)).padStart(3)}% ${left.limit}`;
  return `${open}${style.share(left.share)(full.repeat(filled))}${style.quiet(empty.repeat(places - filled))}${close} ${figure}`;
}

/** "100% tpm" behind a bar, and the blank between. */
export const FIGURE = 9;
