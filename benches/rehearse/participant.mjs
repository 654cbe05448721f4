// One participant, wherever it sits: in a page, in a script of its own, or in the rehearsal's process. So it uses what all of
// them have, and nothing from outside of itself: pages are handed its text.

/** Asks each time that is written down, and tells how each call ended. @param {{ url: string, session: string, calls: number[], begins: number }} what instants in milliseconds, `begins` since the epoch */
export async function play({ url, session, calls, begins }) {
  return Promise.all(calls.map(async (at) => {
    await new Promise((resolve) => { setTimeout(resolve, Math.max(0, begins + at - Date.now())); });
    try {
      const body = JSON.stringify({ contents: [{ parts: [{ text: 'May I?' }] }] });
      const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', 'x-quota-session': session }, body });
      await response.text();
      return response.status;
    } catch (error) {
      return String(error);
    }
  }));
}

if (globalThis.process?.send !== undefined) {
  process.on('disconnect', () => process.exit());
  process.once('message', async (what) => {
    const ends = await play(what);
    process.send(ends, () => process.disconnect());
  });
}
