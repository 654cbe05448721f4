// The text of an answer while it comes.

export class TextStream {
  #pieces = [];
  #over = false;
  #wake = [];
  #controller = new AbortController();
  #result;

  /** @param run `(say, signal) => result`: calls `say` with every piece of text */
  constructor(run) {
    const say = (piece) => {
      this.#pieces.push(piece);
      this.#ring();
    };
    this.#result = run(say, this.#controller.signal).finally(() => {
      this.#over = true;
      this.#ring();
    });
    // Whoever looks at the pieces meets the error there.
    this.#result.catch(() => {});
  }

  get result() {
    return this.#result;
  }

  async *[Symbol.asyncIterator]() {
    try {
      for (let at = 0; ;) {
        while (at < this.#pieces.length) yield this.#pieces[at++];
        if (this.#over) break;
        await new Promise((resolve) => { this.#wake.push(resolve); });
      }
      await this.#result;
    } finally {
      // Left in the middle: nobody wants the rest.
      if (!this.#over) this.#controller.abort();
    }
  }

  #ring() {
    for (const wake of this.#wake.splice(0)) wake();
  }
}
