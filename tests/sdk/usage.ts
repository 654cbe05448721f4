// `api.fetch` and `api.install()` as people who write TypeScript hand them over: compiled, never run.
import Anthropic from '@anthropic-ai/sdk';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createGroq } from '@ai-sdk/groq';
import { createOpenAI } from '@ai-sdk/openai';
import { GoogleGenAI } from '@google/genai';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { generateText } from 'ai';
import Groq from 'groq-sdk';
import OpenAI from 'openai';
import { QuotaAwareAPI } from 'quota-aware-api';

const api = new QuotaAwareAPI(['fake-one', 'fake-two']);
const { fetch } = api;

export const clients = [
  new OpenAI({ apiKey: 'unused', fetch, defaultHeaders: { 'x-quota-session': 'anna' } }),
  new Groq({ apiKey: 'unused', fetch }),
  new Anthropic({ apiKey: 'unused', fetch }),
  new GoogleGenAI({ apiKey: 'unused', httpOptions: { fetch } }),
  new ChatOpenAI({ apiKey: 'unused', model: 'm', maxRetries: 0, configuration: { fetch } }),
  new OpenAIEmbeddings({ apiKey: 'unused', configuration: { fetch } }),
];

const openai = new OpenAI({ apiKey: 'unused', fetch });
export const words: Promise<string> = openai.responses.create({ model: 'm', input: 'Hi' }).then(({ output_text: text }) => text);

export async function use(): Promise<string> {
  using _ = api.install();
  for (const provider of [createGoogleGenerativeAI({ apiKey: 'unused', fetch }), createOpenAI({ apiKey: 'unused', fetch }), createGroq({ apiKey: 'unused', fetch })]) {
    const { text } = await generateText({ model: provider('m'), prompt: 'Hi', maxRetries: 0 });
    if (text) return text;
  }
  const own = createOpenAI({ apiKey: 'unused', fetch: (input, init) => api.call(input, init) });
  return (await generateText({ model: own('m'), prompt: 'Hi' })).text;
}
