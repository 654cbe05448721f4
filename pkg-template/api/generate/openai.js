// A question in the words of OpenAI's chat, which Groq and most others speak, and its answer out of them.
import { closed } from './schema.js';

export const openai = {
  version: '/v1',
  headers: {},
  path: () => '/chat/completions',

  body({ provider, model, system, turns, temperature, maxTokens, schema, stream }) {
    const others = provider === 'openai-compatible';
    return {
      model,
      messages: [
        ...(system === undefined ? [] : [{ role: 'system', content: system }]),
        ...turns.map(({ role, text, images }) => ({ role, content: images.length === 0 ? text : [...images.map(picture), { type: 'text', text }] })),
      ],
      ...(temperature !== undefined && { temperature }),
      // OpenAI and Groq have given the older name up; others know nothing else.
      ...(maxTokens !== undefined && { [others ? 'max_tokens' : 'max_completion_tokens']: maxTokens }),
      ...(schema !== undefined && { response_format: { type: 'json_schema', json_schema: { name: 'answer', ...closed(schema) } } }),
      // Some servers refuse fields that they don't know, and this is not worth it.
      ...(stream && { stream: true, ...(!others && { stream_options: { include_usage: true } }) }),
    };
  },

  /** The events of a stream have a `delta` where a whole answer has a `message`. */
  read({ choices, model }) {
    const choice = choices?.[0];
    const said = choice?.delta ?? choice?.message;
    // A refusal in words of its own comes with an ordinary end.
    return { text: textIn(said?.content), finish: choice?.finish_reason, block: said?.refusal ? 'refusal' : undefined, model };
  },
};

/** A text, or blocks of which some are text (Anthropic always, and Mistral where it thinks). */
export function textIn(content) {
  if (typeof content === 'string') return content;
  return Array.isArray(content) ? content.map((block) => (block?.type === 'text' && typeof block.text === 'string' ? block.text : '')).join('') : '';
}

function picture({ url, mimeType, data }) {
  return { type: 'image_url', image_url: { url: url ?? `data:${mimeType};base64,${data}` } };
}
