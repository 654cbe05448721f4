// Numbers and times as a language writes them.

/** Formatters are slow to make and quick to use: one set a language. */
const made = new Map();

/** @param lang a tag of a language; the host's own where it is empty, or none that the host knows */
export function formatOf(lang) {
  if (!made.has(lang)) made.set(lang, create(lang));
  return made.get(lang);
}

function create(lang) {
  const locale = supported(lang);
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const short = new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 });
  const wholePercent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const second = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
  const minute = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return {
    count: (number) => whole.format(number),
    /** 12,345 in a narrow place: 12.3K. */
    short: (number) => (number < 10_000 ? whole : short).format(number),
    /** Never "100 %" of what is not all, and whole percents where a tenth says nothing. */
    percent: (share) => (share > 0.99 && share < 1 ? percent.format(Math.min(share, 0.999)) : wholePercent.format(share)),
    second: (at) => second.format(at),
    minute: (at) => minute.format(at),
  };
}

function supported(lang) {
  try {
    return Intl.NumberFormat.supportedLocalesOf(lang || [])[0];
  } catch {
    return undefined;
  }
}
