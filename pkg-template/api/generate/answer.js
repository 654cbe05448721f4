// What came back, put together from one document or from the events of a stream, and what it comes to.
import { classify } from '../classify.js';
import { together, usageOf } from '../usage.js';
import { isRecord, mismatch } from './schema.js';

/** An answer as far as it has come. */
export class Answer {
  text = '';
  /** The provider's own words for why it ended, and for why it was refused. */
  finish = undefined;
  block = undefined;
  model = undefined;
  usage = null;
  /** Whether the end of the stream was told, with or without a reason. */
  ended = false;

  /** Takes one document in, and returns the piece of text that it brings. Throws a `Failed` where it is an error. */
  take(dialect, document) {
    if (!isRecord(document)) return '';
    if (isError(document)) throw new Failed(document);
    const said = dialect.read(document);
    this.text += said.text;
    for (const name of ['finish', 'block', 'model']) if (typeof said[name] === 'string' && said[name] !== '') this[name] = said[name];
    const told = usageOf(document) ?? usageOf(document.message ?? document.x_groq);
    if (told !== undefined) this.usage = together(this.usage, told);
    if (document.type === 'message_stop') this.ended = true;
    return said.text;
  }

  get isWhole() {
    return this.ended || this.finish !== undefined || this.block !== undefined;
  }

  get finishReason() {
    return this.finish === undefined ? 'other' : FINISHES.get(this.finish.toLowerCase()) ?? 'other';
  }

  /** Why there is no answer to hand over: `{ code, … }` for the error class, or undefined where there is one. With a
   *  schema, `json` is set. */
  problem(schema) {
    const { finishReason, text } = this;
    if (this.block !== undefined || finishReason === 'other') {
      const meaning = classify({ status: 200, body: this.block === undefined ? { stop_reason: this.finish ?? '' } : BLOCKED });
      if (meaning.verdict === 'blocked') return { code: 'BLOCKED', reason: this.block ?? this.finish, meaning };
    }
    const cut = finishReason === 'max-tokens';
    if (text.trim() === '') return { code: 'NO_ANSWER', reason: cut ? 'cut' : 'empty' };
    if (schema === undefined) return undefined;
    try {
      this.json = JSON.parse(bare(text));
    } catch {
      return { code: 'NO_ANSWER', reason: cut ? 'cut' : 'no-json' };
    }
    const misfit = mismatch(schema, this.json);
    return misfit === undefined ? undefined : { code: 'NO_ANSWER', reason: 'misfit', misfit };
  }
}

/** An error that came under a status of success. */
export class Failed {
  constructor(document) {
    this.document = document;
  }
}

const FINISHES = new Map([
  ...['stop', 'end_turn', 'stop_sequence', 'eos'].map((word) => [word, 'stop']),
  ...['max_tokens', 'length', 'model_length', 'model_context_window_exceeded'].map((word) => [word, 'max-tokens']),
]);

const BLOCKED = { promptFeedback: { blockReason: 'SAFETY' } };

function isError({ error, type, object, event_type: event }) {
  return (isRecord(error) && Object.keys(error).length > 0) || (typeof error === 'string' && error !== '') || [type, object, event].includes('error');
}

/** Without the fence of Markdown that some models put around JSON. */
function bare(text) {
  return /^\s*```(?:json)?\s*\n(.*?)\n?\s*```\s*$/is.exec(text)?.[1] ?? text;
}
