/** What listeners get. Next's edge runtime has events, but none that carry a detail. */
export function eventOf(type, detail) {
  if (typeof CustomEvent === 'function') return new CustomEvent(type, { detail });
  return Object.defineProperty(new Event(type), 'detail', { value: detail, enumerable: true });
}
