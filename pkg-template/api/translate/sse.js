// Server-sent events out of bytes, however they are cut: in a line, a line break or a character.

export class SSE {
  #decoder = new TextDecoder();
  /** A line that has not ended. */
  #rest = '';
  /** Whether the last character was a CR, whose LF may follow. */
  #returned = false;
  #data = [];
  /** Lines of no event. Errors come so under a 200: as JSON that stands there bare, on several lines. */
  #stray = [];

  /** @param {Uint8Array | string} bytes @returns {string[]} the data of the events that are complete now */
  push(bytes) {
    return this.#read(typeof bytes === 'string' ? bytes : this.#decoder.decode(bytes, { stream: true }));
  }

  /** What is left, with an event that nobody has ended and with what was none. */
  end() {
    const events = this.#read(`${this.#decoder.decode()}\n\n`);
    if (this.#stray.length > 0) events.push(this.#stray.join('\n'));
    return events;
  }

  #read(text) {
    const fresh = this.#returned && text.startsWith('\n') ? text.slice(1) : text;
    if (text !== '') this.#returned = text.endsWith('\r');
    if (!/[\r\n]/.test(fresh)) {
      // Not looked at again with every piece: a picture is one line of megabytes.
      this.#rest += fresh;
      return [];
    }
    const lines = (this.#rest + fresh).split(/\r\n|\n|\r/);
    this.#rest = lines.pop();
    return lines.flatMap((line) => this.#line(line));
  }

  #line(line) {
    if (line === '') return this.#data.length > 0 ? [this.#data.splice(0).join('\n')] : [];
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    if (name === 'data') this.#data.push(colon === -1 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1)));
    else if (!OTHERS.has(name)) this.#stray.push(line);
    return [];
  }
}

/** The empty one is a comment: how servers keep a connection open. */
const OTHERS = new Set(['', 'event', 'id', 'retry']);
