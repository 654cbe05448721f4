// The package in a module worker.
import { QuotaAwareAPI } from '/dist/index.js';
import { MOCK_KEYS, createMockProvider } from '/dist/mock.js';

const api = new QuotaAwareAPI(MOCK_KEYS, { fetch: createMockProvider({ latency: 0 }).fetch });
const body = JSON.stringify({ contents: [{ parts: [{ text: 'Hi' }] }] });
const call = () => api.call('https://generativelanguage.googleapis.com/v1beta/models/gemini-flash-lite-latest:generateContent', { method: 'POST', headers: { 'content-type': 'application/json' }, body });

for (let n = 0; n < 6; n += 1) await call();
postMessage(api.getStats().requestCounts);
