// Figures as people read them: the same in every locale, as the package prints them.

/** Thousands with commas. */
export function n(number) {
  return String(number).replace(/\B(?=(\d{3})+$)/g, ',');
}

export function count(number, one, many = `${one}s`) {
  return `${n(number)} ${number === 1 ? one : many}`;
}

/** A span of milliseconds in words. */
export function duration(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${Number((ms / 1000).toFixed(ms < 10_000 ? 1 : 0))} s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 60) return `${minutes} min`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
