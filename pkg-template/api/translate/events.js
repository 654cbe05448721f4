// A stream of one dialect as a stream of the other: bytes in, text out, each delta at once.
import { failureOf, unreadable } from './failure.js';
import { isRecord } from './records.js';
import { SSE } from './sse.js';

export class Events {
  #sse = new SSE();
  #answers;
  #frames;
  #envelope;
  #over = false;

  constructor(answers, frames, envelope) {
    this.#answers = answers;
    this.#frames = frames;
    this.#envelope = envelope;
  }

  /** @param {Uint8Array | string} bytes @returns {string[]} what can be sent on now */
  push(bytes) {
    return this.#over ? [] : this.#sse.push(bytes).flatMap((data) => this.#event(data));
  }

  /** The stream has ended. @returns {string[]} */
  end() {
    if (this.#over) return [];
    const out = this.#sse.end().flatMap((data) => this.#event(data));
    if (this.#over) return out;
    this.#over = true;
    out.push(...this.#answers.end().map((document) => this.#frames.event(document)), this.#frames.end(this.#answers.complete));
    return out.filter((text) => text !== '');
  }

  #event(data) {
    if (this.#over || data.trim() === '') return [];
    if (data.trim() === '[DONE]') {
      this.#answers.done();
      return [];
    }
    try {
      return [JSON.parse(data)].flat().flatMap((document) => this.#document(document));
    } catch {
      return this.#fail(unreadable());
    }
  }

  #document(document) {
    if (this.#over) return [];
    if (!isRecord(document)) return this.#fail(unreadable());
    if (document.error) return this.#fail(failureOf(document, 200));
    return this.#answers.chunk(document).map((each) => this.#frames.event(each));
  }

  /** Nothing can follow an error. */
  #fail(failure) {
    this.#over = true;
    return [this.#frames.error(this.#envelope(failure)), this.#frames.end(false)].filter((text) => text !== '');
  }
}
