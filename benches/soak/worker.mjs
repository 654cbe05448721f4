// One thread: a call that is answered, and where it does not end by itself, one that hangs.
import { parentPort, workerData } from 'node:worker_threads';

const { QuotaAwareAPI } = await import(workerData.index);
const URL = 'https://generativelanguage.googleapis.com/v1beta/models/gemini-fake:generateContent';
let hangs = false;
const api = new QuotaAwareAPI(['fake-one', 'fake-two'], { fetch: async () => (hangs ? new Promise(() => {}) : Response.json({})) });
await (await api.call(URL, { method: 'POST', body: '{}' })).text();
if (!workerData.ends) {
  hangs = true;
  api.call(URL, { method: 'POST', body: '{}' }).catch(() => {});
}
parentPort.postMessage('done');
