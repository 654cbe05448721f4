// A question in the words of Anthropic's messages, and its answer out of them.
import { textIn } from './openai.js';
import { closed } from './schema.js';

export const anthropic = {
  version: '/v1',
  // Pages have to say that they mean it, or CORS ends the call; elsewhere the header means nothing.
  headers: { 'anthropic-version': '2023-06-01', 'anthropic-dangerous-direct-browser-access': 'true' },
  path: () => '/messages',

  body({ model, system, turns, temperature, maxTokens = USUAL_TOKENS, schema, stream }) {
    return {
      model,
      max_tokens: maxTokens,
      messages: turns.map(({ role, text, images }) => ({ role, content: images.length === 0 ? text : [...images.map(picture), { type: 'text', text }] })),
      ...(system !== undefined && { system }),
      ...(temperature !== undefined && { temperature }),
      ...(schema !== undefined && { output_config: { format: { type: 'json_schema', schema: closed(schema).schema } } }),
      ...(stream && { stream: true }),
    };
  },

  /** A whole message, or one of the events that build it. */
  read({ message, content, delta, model, stop_reason: stop }) {
    return { text: textIn(delta?.text ?? content), finish: delta?.stop_reason ?? stop, model: message?.model ?? model };
  },
};

function picture({ url, mimeType, data }) {
  return { type: 'image', source: url === undefined ? { type: 'base64', media_type: mimeType, data } : { type: 'url', url } };
}

/** Anthropic alone wants a most to be named. What others answer with when they are asked for no more than this is long. */
const USUAL_TOKENS = 4096;
