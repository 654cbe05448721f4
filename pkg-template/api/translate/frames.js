// How a stream of documents is written: events, or an array that grows.

/** OpenAI's. */
export class OpenAIFrames {
  event(document) {
    return `data: ${JSON.stringify(document)}\n\n`;
  }

  error(envelope) {
    return this.event(envelope);
  }

  end(complete) {
    return complete ? 'data: [DONE]\n\n' : '';
  }
}

/** Gemini's with `alt=sse`. */
export class GeminiFrames {
  event(document) {
    return `data: ${JSON.stringify(document)}\r\n\r\n`;
  }

  /** Bare, as Google writes it: its own SDKs take an event for one more chunk, and an error that stands alone for one. */
  error(envelope) {
    return `${JSON.stringify(envelope)}\n`;
  }

  end() {
    return '';
  }
}

/** Gemini's without: one JSON array, whose elements are sent as they come. */
export class ArrayFrames {
  #begun = false;

  event(document) {
    const before = this.#begun ? ',\r\n' : '[';
    this.#begun = true;
    return before + JSON.stringify(document);
  }

  error(envelope) {
    return this.event(envelope);
  }

  end() {
    return this.#begun ? ']' : '[]';
  }
}
