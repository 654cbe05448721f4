// What the page of browser.test.js does, bundled with the SDKs as anybody's page would be.
import { GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { QuotaAwareAPI } from 'quota-aware-api';

const CALLER_KEY = 'fake-of-the-caller';

async function collect(stream, textOf) {
  let text = '';
  let chunks = 0;
  for await (const chunk of stream) {
    text += textOf(chunk) ?? '';
    chunks += 1;
  }
  return { text, chunks };
}

window.page = {
  async openai(keys, url) {
    const api = new QuotaAwareAPI(keys, { provider: 'openai', allowedOrigins: [url] });
    const client = new OpenAI({ apiKey: CALLER_KEY, baseURL: `${url}/v1`, fetch: api.fetch, dangerouslyAllowBrowser: true });
    const whole = await client.responses.create({ model: 'gpt-fake', input: 'Hi' });
    const stream = await client.chat.completions.create({ model: 'gpt-fake', messages: [{ role: 'user', content: 'Hi' }], stream: true });
    const pieces = await collect(stream, ({ choices: [choice] }) => choice.delta.content);
    api.close();
    return { whole: whole.output_text, pieces };
  },

  async google(keys, url) {
    const api = new QuotaAwareAPI(keys, { provider: 'gemini', allowedOrigins: [url] });
    const before = window.fetch;
    const installation = api.install();
    const { models } = new GoogleGenAI({ apiKey: CALLER_KEY, httpOptions: { baseUrl: url } });
    const whole = await models.generateContent({ model: 'gemini-fake', contents: 'Hi' });
    const pieces = await collect(await models.generateContentStream({ model: 'gemini-fake', contents: 'Hi' }), ({ text }) => text);
    // The page's own files are nobody's business.
    const own = (await fetch('main.js')).status;
    installation.restore();
    api.close();
    return { whole: whole.text, pieces, own, restored: window.fetch === before };
  },
};
