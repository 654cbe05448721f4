// What the tests of the dashboard drive: elements, and instances that are asked much of.
import { QuotaAwareAPI } from '/dist/index.js';
import { MOCK_KEYS, createMockProvider } from '/dist/mock.js';
import { MESSAGES, QuotaDashboard, defineDashboard } from '/dist/dashboard.js';

const GEMINI = 'https://generativelanguage.googleapis.com/v1beta/models/gemini-flash-lite-latest:generateContent';
const say = (text) => ({ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ contents: [{ parts: [{ text }] }] }) });

defineDashboard();
const main = document.querySelector('main');

/** An element with these properties and attributes, in the page. */
function show(properties = {}, attributes = {}) {
  const element = document.createElement('quota-dashboard');
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  Object.assign(element, properties);
  main.append(element);
  return element;
}

/** An instance with the mock behind it. Every key has a project of its own. */
function instance(keys = MOCK_KEYS.map((key) => ({ key })), options = {}, mocking = {}) {
  const projects = keys.map(({ key }, at) => ({ id: `project-${at + 1}`, keys: [key] }));
  const mock = createMockProvider({ latency: 0, projects, ...mocking });
  const api = new QuotaAwareAPI(keys, { fetch: mock.fetch, ...options });
  return { api, mock };
}

const call = (api, quota = {}, text = 'hello') => api.call(GEMINI, { ...say(text), quota });
const text = (element, selector) => element.shadowRoot.querySelector(selector)?.textContent ?? null;
/** After the next time that the element has drawn. */
const drawn = async () => { for (let n = 0; n < 12; n += 1) await new Promise((resolve) => { requestAnimationFrame(resolve); }); };

/** Waits until a part says so, five seconds at most; what it says then. */
async function until(element, selector, wanted) {
  const end = performance.now() + 5_000;
  while (text(element, selector) !== wanted && performance.now() < end) await new Promise((resolve) => { setTimeout(resolve, 20); });
  return text(element, selector);
}

window.dash = { until, MESSAGES, QuotaDashboard, QuotaAwareAPI, MOCK_KEYS, createMockProvider, GEMINI, say, show, instance, call, text, drawn, main };
