// How much of a key's quota is used: the tightest known limit of its project's pools, of the minute and of the day; and whether that
// leaves room for a call.

/**
 * By project: `{ minute, day, full, until }`. `minute` and `day` are `{ used, limit, share, tokens }`, or null where no limit is
 * known; `full`: no pool has room; `until`: the instant at which the first has some again.
 */
export function quotaByProject(pools) {
  const found = new Map();
  for (const { limits, remaining, used, project, resetsAt } of pools) {
    const requests = use(limits.rpm, remaining.rpm, used.requests, false);
    const tokens = use(limits.tpm, remaining.tpm, used.tokens, true);
    const today = use(limits.rpd, remaining.rpd, used.requestsToday, false);
    const until = isFull(today) ? resetsAt.day : isFull(requests) || isFull(tokens) ? resetsAt.minute : null;
    const quota = found.get(project) ?? { minute: null, day: null, full: true, until: Infinity };
    found.set(project, quota);
    quota.minute = tighter(quota.minute, tighter(requests, tokens));
    quota.day = tighter(quota.day, today);
    quota.full &&= until !== null;
    quota.until = Math.min(quota.until, until ?? 0);
  }
  return found;
}

/**
 * How a key is shown: its health, but for one that is well and has no room: a limit that nobody has run into yet is no news
 * for the engine, and all that counts for those who wait.
 */
export function shownHealth({ health, project, availableAt }, quotas) {
  const quota = quotas.get(project);
  return health === 'available' && quota?.full ? { health: 'full', until: quota.until } : { health, until: availableAt };
}

/** How many keys have room for a call now. */
export function readyKeys({ keys, pools }, quotas = quotaByProject(pools)) {
  return keys.filter((key) => shownHealth(key, quotas).health === 'available').length;
}

/** What is left is known better than what was used: others may use the same quota. */
function use(limit, remaining, used, tokens) {
  if (!limit) return null;
  const counted = typeof remaining === 'number' ? Math.max(0, limit - remaining) : used;
  return { used: counted, limit, share: Math.min(1, counted / limit), tokens };
}

function isFull(use) {
  return use !== null && use.share >= 1;
}

function tighter(one, other) {
  if (one === null || other === null) return one ?? other;
  return other.share > one.share ? other : one;
}
