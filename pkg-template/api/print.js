// What goes to a terminal: the stats table, and one line per attempt.

/** The lines of `printStats`. */
export function statsLines(stats, status) {
  const width = Math.max(...status.keys.map(({ id }) => id.length), 3);
  return [
    `Current key:  ${stats.currentKey}/${stats.totalKeys}`,
    `Requests:     ${stats.totalRequests}`,
    `Errors:       ${stats.totalErrors}`,
    `Success rate: ${stats.successRate}`,
    `Uptime:       ${stats.uptime}`,
    ...status.keys.map((key, at) => {
      const counts = `${String(stats.requestCounts[at]).padStart(5)} requests ${String(stats.errorCounts[at]).padStart(4)} errors`;
      return `Key ${`${at + 1}/${stats.totalKeys}`.padEnd(String(stats.totalKeys).length * 2 + 1)} ${key.id.padEnd(width)} ${counts}  ${health(key)}`;
    }),
  ];
}

/** The line of an attempt that has come to its end. */
export function attemptLine({ position, of, verdict, status, latencyMs, fallback }) {
  return `${fallback === undefined ? 'Key' : `Fallback ${fallback}, key`} ${position}/${of}: ${status ?? 'no response'} ${verdict}, ${latencyMs} ms`;
}

function health({ health: word, reason, availableAt }) {
  if (availableAt !== null) return `${word} until ${clock(availableAt)}`;
  return word === 'available' || reason === null ? word : `${word} (${reason})`;
}

function clock(instant) {
  return new Date(instant).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}
