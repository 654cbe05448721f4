// How the providers write durations. All arguments are milliseconds and may have a fraction.

/**
 * As in Google's messages: units that are zero are left out (`19h8.488161794s` is 19 h 0 m 8.5 s) and
 * less than a second is written in a smaller unit (`900.2ms`).
 *
 * @param {number} ms
 */
export function googleDuration(ms) {
  const nanos = toNanos(ms);
  if (nanos < SECOND) return small(nanos);
  const { hours, minutes, rest } = split(nanos);
  return (hours ? `${hours}h` : '') + (minutes ? `${minutes}m` : '') + (rest ? `${decimal(rest, SECOND)}s` : '');
}

/** As Go prints a duration, and so Groq and OpenAI: inner zeros stay (`19h0m8.488161794s`, `6m0s`). @param {number} ms */
export function goDuration(ms) {
  const nanos = toNanos(ms);
  if (nanos < SECOND) return small(nanos);
  const { hours, minutes, rest } = split(nanos);
  return (hours ? `${hours}h` : '') + (hours || minutes ? `${minutes}m` : '') + `${decimal(rest, SECOND)}s`;
}

/** As in RetryInfo: cut, not rounded, to whole seconds, so up to a second too early. @param {number} ms */
export function cutToSeconds(ms) {
  return `${Math.floor(toNanos(ms) / SECOND)}s`;
}

const MICRO = 1e3;
const MILLI = 1e6;
const SECOND = 1e9;

/** Whole nanoseconds: a day is 8.64e13 of them, far below 2^53. @param {number} ms */
function toNanos(ms) {
  return Math.round(ms * MILLI);
}

/** @param {number} nanos */
function split(nanos) {
  return {
    hours: Math.floor(nanos / (3600 * SECOND)),
    minutes: Math.floor(nanos / (60 * SECOND)) % 60,
    rest: nanos % (60 * SECOND),
  };
}

/** @param {number} nanos below one second */
function small(nanos) {
  if (nanos === 0) return '0s';
  if (nanos >= MILLI) return `${decimal(nanos, MILLI)}ms`;
  return nanos >= MICRO ? `${decimal(nanos, MICRO)}us` : `${nanos}ns`;
}

/** `value / unit` without the errors of floating point and without trailing zeros. @param {number} value @param {number} unit */
function decimal(value, unit) {
  const whole = Math.floor(value / unit);
  const digits = String(unit).length - 1;
  const fraction = String(value % unit).padStart(digits, '0').replace(/0+$/, '');
  return fraction ? `${whole}.${fraction}` : `${whole}`;
}
