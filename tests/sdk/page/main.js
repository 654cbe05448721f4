// What the page of browser.test.js does, bundled with the SDKs as anybody's page would be.
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createGroq } from '@ai-sdk/groq';
import { createOpenAI } from '@ai-sdk/openai';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { ChatGoogleGenerativeAI } from '@langchain/google-genai';
import { ChatOpenAI } from '@langchain/openai';
import { generateText, streamText } from 'ai';
import Groq from 'groq-sdk';
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

  async groq(keys, url) {
    const api = new QuotaAwareAPI(keys, { provider: 'groq', allowedOrigins: [url] });
    const { chat } = new Groq({ apiKey: CALLER_KEY, baseURL: url, fetch: api.fetch, dangerouslyAllowBrowser: true });
    const question = { model: 'groq-fake', messages: [{ role: 'user', content: 'Hi' }] };
    const whole = await chat.completions.create(question);
    const pieces = await collect(await chat.completions.create({ ...question, stream: true }), ({ choices: [choice] }) => choice?.delta.content);
    api.close();
    return { whole: whole.choices[0].message.content, pieces };
  },

  async anthropic(keys, url) {
    const api = new QuotaAwareAPI(keys, { provider: 'anthropic', allowedOrigins: [url] });
    const { messages } = new Anthropic({ apiKey: CALLER_KEY, baseURL: url, fetch: api.fetch, dangerouslyAllowBrowser: true });
    const question = { model: 'claude-fake', max_tokens: 500, messages: [{ role: 'user', content: 'Hi' }] };
    const whole = await messages.create(question);
    const pieces = await collect(await messages.create({ ...question, stream: true }), ({ delta }) => delta?.text);
    api.close();
    return { whole: whole.content[0].text, pieces };
  },

  async ai(keys, url, provider) {
    const api = new QuotaAwareAPI(keys, { provider, allowedOrigins: [url] });
    const [create, path] = { gemini: [createGoogleGenerativeAI, '/v1beta'], openai: [createOpenAI, '/v1'], groq: [createGroq, '/openai/v1'] }[provider];
    const model = create({ apiKey: CALLER_KEY, baseURL: url + path, fetch: api.fetch })('model-fake');
    const whole = await generateText({ model, prompt: 'Hi', maxRetries: 0 });
    const pieces = await collect(streamText({ model, prompt: 'Hi', maxRetries: 0 }).textStream, (text) => text);
    api.close();
    return { whole: whole.text, pieces };
  },

  async langchain(keys, url, provider) {
    const api = new QuotaAwareAPI(keys, { provider, allowedOrigins: [url] });
    const installation = provider === 'gemini' ? api.install() : undefined;
    const model = provider === 'gemini'
      ? new ChatGoogleGenerativeAI({ apiKey: CALLER_KEY, model: 'gemini-fake', baseUrl: url, maxRetries: 0 })
      : new ChatOpenAI({ apiKey: CALLER_KEY, model: 'gpt-fake', maxRetries: 0, configuration: { baseURL: `${url}/v1`, fetch: api.fetch, dangerouslyAllowBrowser: true } });
    const whole = await model.invoke('Hi');
    const pieces = await collect(await model.stream('Hi'), ({ text }) => text);
    installation?.restore();
    api.close();
    return { whole: whole.text, pieces };
  },
};
