// The next 00:00 in Los Angeles, where Google's documents say that a day ends. The host's own time-zone data decides, so
// a change of the daylight-saving law reaches us with the host's updates.
let format;

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
// How much past 00:00 UTC a day ends there.
const SUMMER = 7 * HOUR;
const WINTER = 8 * HOUR;

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
    const today = Math.floor(now / DAY) * DAY + WINTER;
    return today > now ? today : today + DAY;
  }
}

/** The same by the law as it is since 2007: what an instance begins with. A process's first use of its time-zone data takes
 *  some 10 ms, and the first call shall not wait for them; the engine asks the other one soon after. */
export function likelyMidnight(now) {
  const later = [SUMMER, WINTER].flatMap((past) => {
    const next = (Math.floor((now - past) / DAY) + 1) * DAY + past;
    return [next, next + DAY];
  });
  return Math.min(...later.filter((at) => isSummer(at) === (at % DAY === SUMMER)));
}

/** From 02:00 on the second Sunday of March to 02:00 on the first Sunday of November. */
function isSummer(at) {
  const year = new Date(at - 8 * HOUR).getUTCFullYear();
  return at >= sunday(year, 2, 8) + 10 * HOUR && at < sunday(year, 10, 1) + 9 * HOUR;
}

/** The first Sunday from this day of the month. */
function sunday(year, month, day) {
  const from = Date.UTC(year, month, day);
  return from + ((7 - new Date(from).getUTCDay()) % 7) * DAY;
}

function parts(at) {
  return Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
}
