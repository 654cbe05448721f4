// What hooks are told of an event: who is concerned, and a sentence. Keys are named by their ids; nothing here is a secret.

/** What can be told, in the order in which it is documented. */
export const TYPES = ['state', 'all-keys-down', 'service-restored', 'alert', 'alert-over'];

const IS_UP = new Set(['available', 'probing']);

/** `{ type, at, message, state, keys, alert? }` of an event, as everything stands now. */
export function noticeOf(type, detail, status) {
  const available = status.keys.filter(({ health }) => IS_UP.has(health)).length;
  const keys = Object.freeze({ total: status.keys.length, available });
  const { at, fallback, ...alert } = detail;
  const whose = fallback === undefined ? '' : `Fallback ${fallback}: `;
  const notice = { type, at, message: `${whose}${sentence(type, detail, keys)}`, state: status.state, keys };
  return Object.freeze(alert.code === undefined ? notice : { ...notice, alert: Object.freeze(alert) });
}

function sentence(type, detail, { total, available }) {
  const can = `${available} of ${total} ${total === 1 ? 'key' : 'keys'} can serve`;
  switch (type) {
    case 'state': return `From ${detail.from} to ${detail.to}: ${can}${detail.reason === null ? '' : ` (${detail.reason})`}.`;
    case 'all-keys-down': return `No key can serve any more${detail.until === null ? '' : `; the first may again at ${new Date(detail.until).toISOString()}`}.`;
    case 'service-restored': return `Service is restored: ${can}.`;
    case 'alert': return `${detail.severity === 'critical' ? 'Critical: ' : ''}${detail.message}.`;
    default: return `Over: ${detail.message}.`;
  }
}
