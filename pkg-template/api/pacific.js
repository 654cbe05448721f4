// The next 00:00 in Los Angeles, where Google's documents say that a day ends. The host's own time-zone data decides, so
// a change of the daylight-saving law reaches us with the host's updates.
let format;

/** @param {number} now milliseconds since the epoch @returns {number} the same, strictly later */
export function pacificMidnight(now) {
  try {
    format ??= new Intl.DateTimeFormat('en-US', {
      timeZone: 'America/Los_Angeles', hourCycle: 'h23',
      year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric',
    });
    const { year, month, day } = parts(now);
    // Midnight there is 07:00 UTC in summer and 08:00 in winter; the clock changes at 02:00, never around midnight.
    const summer = Date.UTC(year, month - 1, day + 1, 7);
    return parts(summer).hour === 0 ? summer : Date.UTC(year, month - 1, day + 1, 8);
  } catch {
    // A host without time zones: the later of the two is never too early.
    const day = 86_400_000;
    const today = Math.floor(now / day) * day + 8 * 3_600_000;
    return today > now ? today : today + day;
  }
}

function parts(at) {
  return Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
}
