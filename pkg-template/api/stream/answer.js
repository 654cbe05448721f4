// How far an answer that comes as a stream has come: whether it has begun, what it has used, whether it is whole, and what
// went wrong. In every dialect, and in none: what nobody knows counts as content.
import { together, usageOf } from '../usage.js';
import { spoken } from '../records/estimate.js';
import { Documents } from './documents.js';

export class Answer {
  /** Something of it has come that a reader would miss. */
  begun = false;
  /** The text of the error that stood in it. */
  error = undefined;
  usage = undefined;
  /** Tokens that were said, about. */
  said = 0;
  #counts;
  model = undefined;
  /** The document by which OpenAI says under which id it keeps this answer. */
  kept = undefined;
  /** Its dialect's own mark of the end has come: nothing that matters follows. */
  #ended = false;
  /** It is in a dialect that tells how an answer ends. */
  #known = false;
  /** Whether each of its candidates has ended. */
  #candidates = new Map();
  #heard = false;
  #whole = true;
  #documents = new Documents({
    document: (text, event) => this.#document(text, event),
    text: (line) => this.#text(line),
    large: () => { this.begun = true; },
  });

  /** @param counts whether what is said is counted */
  constructor(counts = false) {
    this.#counts = counts;
  }

  push(bytes) {
    if (this.error === undefined) this.#documents.push(bytes);
  }

  /** The stream has ended, without a failure of its connection. */
  end() {
    if (this.error === undefined) this.#whole = this.#documents.end();
  }

  /** Whether a connection that fails from now on takes nothing away. */
  get isEnded() {
    return this.#ended || (this.#documents.arrayEnded !== false && this.#isGemini && this.#isFinished);
  }

  /** Whether a stream that ends here, as a stream should, is whole. */
  get isWhole() {
    if (!this.#whole || !this.#heard) return false;
    return !this.#known || this.isEnded || (this.#isFinished && this.#documents.arrayEnded !== false);
  }

  #isGemini = false;

  get #isFinished() {
    for (const ended of this.#candidates.values()) if (!ended) return false;
    return this.#candidates.size > 0;
  }

  #text(line) {
    this.#heard = true;
    if (line === '[DONE]') this.#ended = this.#known = true;
    this.begun = true;
  }

  #document(text, event) {
    if (this.error !== undefined) return;
    this.#heard = true;
    let document;
    try {
      document = JSON.parse(text);
    } catch {
      // Google's errors have been seen with raw line breaks in them; and one that is cut short is still an error.
      if (event === 'error' || /^\{\s*"error"\s*:\s*[{"]/.test(text)) this.error = text;
      else this.begun = true;
      return;
    }
    if (isError(document, event)) {
      this.error = text;
      return;
    }
    const usage = usageOf(document) ?? usageOf(document.x_groq) ?? usageOf(document.response) ?? usageOf(document.message);
    if (usage !== undefined) this.usage = together(this.usage, usage);
    else if (this.#counts) this.said += spoken(document);
    if (typeof document.modelVersion === 'string') this.model = document.modelVersion;
    if (Array.isArray(document.choices)) this.#chat(document.choices);
    else if (Array.isArray(document.candidates) || document.usageMetadata !== undefined || document.promptFeedback) this.#gemini(document);
    else if (typeof document.type === 'string') this.#typed(document);
    else this.begun = true;
  }

  #chat(choices) {
    this.#known = true;
    for (const choice of choices) {
      this.#candidate(choice?.index, choice?.finish_reason);
      // A completion of the old kind has a text; what is no stream has a message.
      const { role, ...rest } = choice?.delta ?? choice?.message ?? {};
      if (choice?.text || Object.values(rest).some(isSomething)) this.begun = true;
    }
  }

  #gemini({ candidates = [], promptFeedback }) {
    this.#known = this.#isGemini = true;
    if (promptFeedback?.blockReason) this.#candidate(0, promptFeedback.blockReason);
    for (const candidate of candidates ?? []) {
      this.#candidate(candidate?.index, candidate?.finishReason);
      for (const part of candidate?.content?.parts ?? []) {
        const { thought, text, ...rest } = part ?? {};
        if (text || Object.keys(rest).length > 0) this.begun = true;
      }
    }
  }

  /** Anthropic's events, and those of OpenAI's Responses. */
  #typed(document) {
    const { type } = document;
    if (type === 'response.created') this.kept = document;
    if (ENDS.has(type)) this.#known = this.#ended = this.begun = true;
    else if (PREAMBLES.has(type)) this.#known = true;
    else if (type === 'content_block_start') this.begun ||= document.content_block?.type !== 'text' || Boolean(document.content_block.text);
    else if (type === 'message_delta') this.#candidate(0, document.delta?.stop_reason);
    else this.begun = true;
  }

  #candidate(index = 0, reason = undefined) {
    // The end of an answer is news too, though it be empty.
    if (reason) this.begun = true;
    if (this.#candidates.size < MOST_CANDIDATES) this.#candidates.set(index, Boolean(reason) || this.#candidates.get(index) === true);
  }
}

/** As the classifier has it (`src/provider/stream.rs`). */
function isError(document, event) {
  const holds = (holder) => (typeof holder?.error === 'string' ? holder.error !== '' : holder?.error !== null && typeof holder?.error === 'object' && Object.keys(holder.error).length > 0);
  return event === 'error' || holds(document) || holds(document.response) || ['type', 'event_type', 'object'].some((name) => document[name] === 'error');
}

function isSomething(value) {
  return value !== null && value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);
}

const MOST_CANDIDATES = 1000;
const ENDS = new Set(['message_stop', 'response.completed', 'response.incomplete', 'response.failed', 'response.cancelled']);
/** What comes before there is anything to read. */
const PREAMBLES = new Set([
  'message_start', 'ping', 'content_block_stop',
  'response.created', 'response.in_progress', 'response.queued', 'response.output_item.added', 'response.content_part.added', 'response.reasoning_summary_part.added',
]);
