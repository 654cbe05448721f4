// Sixty keys, two hundred waiting, a day of history, and twenty changes a second: what drawing that costs, and whether frames keep
// coming. Frames also wait for whatever else the machine does; the time of the page's own thread does not.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { stage } from './stage.js';

let theatre;
before(async () => { theatre = await stage(); });
after(() => theatre?.close());

/** How long it is measured, in milliseconds. QUOTA_AWARE_SMOOTH makes it longer, for a figure to be told. */
const SPAN = Number(process.env.QUOTA_AWARE_SMOOTH ?? 4_000);

test('a full page is drawn between two frames', async (t) => {
  const { page, complaints } = await theatre.open({ viewport: { width: 1600, height: 1000 } });
  t.after(() => page.close());
  const full = await page.evaluate(async () => {
    const { dash } = window;
    await import('/page/lively.js');
    const keys = Array.from({ length: 60 }, (_, n) => ({ key: `fake-key-${n}`, id: `key-${n + 1}`, limits: { rpm: 10, rpd: 500 } }));
    const { api } = dash.instance(keys, { timeout: 600_000, queue: { maxSize: 1_000, maxWait: 600_000 } });
    api.getUsage = () => window.lively.usage(Date.now(), keys.map(({ id }) => id));
    const moves = Array.from({ length: 1_000 }, (_, n) => ({ at: Date.now() - n * 86_400, from: `key-${n % 60 + 1}`, to: `key-${(n + 1) % 60 + 1}`, verdict: 'rate-limited', reason: 'the minute’s quota is in use' }));
    api.getRotationHistory = () => moves;
    for (let n = 0; n < 800; n += 1) dash.call(api, { session: `person ${n % 40}` }).catch(() => {});
    await new Promise((resolve) => { setTimeout(resolve, 1_500); });
    const element = dash.show({ api });
    await dash.drawn();
    const rows = [...element.shadowRoot.querySelectorAll('tbody')].reduce((all, { children }) => all + children.length, 0);
    const { waiting } = api.getStatus().queue;
    window.full = { api, moves };
    return { rows, waiting };
  });

  const thread = await watch(page);
  const figures = await page.evaluate(async (span) => {
    const { api, moves } = window.full;
    const long = [];
    new PerformanceObserver((list) => long.push(...list.getEntries().map(({ duration }) => duration))).observe({ entryTypes: ['longtask'] });
    // Twenty moves a second, which also are twenty changes of rows.
    let number = 0;
    const changes = setInterval(() => {
      number += 1;
      const at = Date.now();
      api.dispatchEvent(new CustomEvent('settled', { detail: { at, call: number, key: `key-${number % 60 + 1}`, verdict: number % 5 ? 'ok' : 'rate-limited', latencyMs: 5 } }));
      api.dispatchEvent(new CustomEvent('rotate', { detail: { ...moves[0], at } }));
    }, 50);
    const frames = [];
    let last = performance.now();
    const end = last + span;
    while (last < end) {
      await new Promise((resolve) => { requestAnimationFrame(resolve); });
      const now = performance.now();
      frames.push(now - last);
      last = now;
    }
    clearInterval(changes);
    frames.sort((one, other) => one - other);
    const at = (share) => Number(frames[Math.floor((frames.length - 1) * share)].toFixed(1));
    return { changes: number, perSecond: Math.round(frames.length / span * 1000), p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1), late: frames.filter((each) => each > 25).length, long: long.length };
  }, SPAN);
  const spent = await thread.spent();
  console.log(JSON.stringify({ ...full, ...figures, ...spent }));
  assert.ok(full.rows > 200 && full.waiting >= 100, 'the page is full');
  assert.ok(figures.p50 < 20, `half the frames took more than ${figures.p50} ms`);
  assert.ok(spent.cpu < 0.4 * SPAN, `${spent.cpu} ms of the page's thread`);
  assert.deepEqual(complaints, []);
});

/** How much of a processor the page's own thread takes, in milliseconds, by what it does. */
async function watch(page) {
  const debug = await page.context().newCDPSession(page);
  const events = [];
  debug.on('Tracing.dataCollected', ({ value }) => events.push(...value));
  await debug.send('Tracing.start', { categories: 'devtools.timeline,toplevel', transferMode: 'ReportEvents' });
  const spent = async () => {
    const done = new Promise((resolve) => { debug.once('Tracing.tracingComplete', resolve); });
    await debug.send('Tracing.end');
    await done;
    const { tid, pid } = events.find(({ name }) => name === 'FireAnimationFrame');
    const own = events.filter((event) => event.ph === 'X' && event.tid === tid && event.pid === pid && event.tdur > 0);
    const of = (pattern) => Math.round(own.filter(({ name }) => pattern.test(name)).reduce((all, { tdur }) => all + tdur, 0) / 1000);
    return { cpu: of(/RunTask$/), script: of(/^(?:FireAnimationFrame|TimerFire)$/), layout: of(/^(?:Layout|UpdateLayoutTree)$/), paint: of(/^(?:Paint|PrePaint|Layerize)$/) };
  };
  return { spent };
}
