// The text of an event stream (`text/event-stream`), piece by piece as it arrives. EventSource does the same and can't send a
// token, which is why it is done here.

export class EventStreamReader {
  /** What has no end of line yet. */
  #rest = '';
  #data = [];
  #type = '';
  #first = true;
  /** The id of the last event; sent along when we come again. */
  lastId = '';
  /** How long the server wants us to wait before we come again, in milliseconds; null where it has not said. */
  retry = null;

  /** The events that a piece completes: `{ type, data }`. */
  take(piece) {
    let text = this.#rest + piece;
    if (this.#first && text !== '') {
      text = text.replace(/^\uFEFF/, '');
      this.#first = false;
    }
    const events = [];
    // The last part is not a line before its end has come, and a \r at the end may have its \n in the next piece.
    const end = text.endsWith('\r') ? text.length - 1 : text.length;
    const lines = text.slice(0, end).split(/\r\n|\n|\r/);
    this.#rest = lines.pop() + text.slice(end);
    for (const line of lines) {
      if (line === '') {
        if (this.#data.length > 0) events.push({ type: this.#type || 'message', data: this.#data.join('\n') });
        this.#data = [];
        this.#type = '';
      } else this.#field(line);
    }
    return events;
  }

  #field(line) {
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') this.#data.push(value);
    else if (name === 'event') this.#type = value;
    else if (name === 'id' && !value.includes('\0')) this.lastId = value;
    else if (name === 'retry' && /^\d+$/.test(value)) this.retry = Number(value);
  }
}
