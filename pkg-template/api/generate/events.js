// A stream of events, cut anywhere: within a line, a line's end, or a letter.

/** Takes the bytes of an event stream as they come, and hands over the data of each event that is whole. */
export class Events {
  #decoder = new TextDecoder();
  #rest = '';
  #data = [];
  #stray = '';

  /** The data of the events that these bytes complete. */
  take(bytes) {
    return this.#lines(this.#decoder.decode(bytes, { stream: true }), false);
  }

  /** What is left at the end: an event without its blank line, or a body that was no event stream after all. (Errors come
   *  as bare JSON under the type of a stream, and some servers answer with one document to who asks for many.) */
  end() {
    const left = this.#lines(this.#decoder.decode(), true);
    this.#dispatch(left);
    if (/^\s*[[{]/.test(this.#stray)) left.push(this.#stray);
    return left;
  }

  #lines(text, last) {
    const events = [];
    const seen = this.#rest.length;
    this.#rest += text;
    let from = 0;
    // A line ends with \r\n, \n or \r; a \r at the very end may be half of the first.
    const ends = last ? /\r\n|\n|\r|$/g : /\r\n|\n|\r(?!$)/g;
    // A document may be one line of a megabyte, in pieces of a kilobyte: it is not searched anew for each.
    ends.lastIndex = Math.max(0, seen - 1);
    for (let end = ends.exec(this.#rest); end !== null; end = ends.exec(this.#rest)) {
      this.#line(this.#rest.slice(from, end.index), events);
      from = end.index + end[0].length;
      if (end[0] === '') break;
    }
    this.#rest = this.#rest.slice(from);
    return events;
  }

  #line(line, events) {
    if (line === '') this.#dispatch(events);
    const [, field, value] = /^([a-z]*):? ?(.*)$/s.exec(line) ?? [];
    if (field === 'data' && /^data(?::|$)/.test(line)) this.#data.push(value);
    else if (!/^(?::|(?:event|id|retry)(?::|$))/.test(line)) this.#stray += `${line}\n`;
  }

  #dispatch(events) {
    if (this.#data.length > 0) events.push(this.#data.join('\n'));
    this.#data = [];
  }
}
