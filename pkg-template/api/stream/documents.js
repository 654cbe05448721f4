// The JSON documents of a stream, found in its bytes as they come: events, an array that grows, lines of JSON, and errors
// that stand bare between events. Bytes may be cut anywhere, also in a character. Little is kept: of a document no more
// than can be asked about, of a long string (an inlined picture) only its beginning.

const [LF, CR, QUOTE, OPEN, BACKSLASH, CLOSE, U, BEGIN, END] = [10, 13, 34, 91, 92, 93, 117, 123, 125];

/** Error messages are cut at this length by the classifier, too. */
const MOST_STRING = 16 * 1024;
const MOST_DOCUMENT = 256 * 1024;
/** Of a document that has come so far without an end, nobody expects an error any more. */
const LARGE = 64 * 1024;
const MOST_HEAD = 200;

export class Documents {
  #hear;
  #decoder = new TextDecoder();
  /** What stands on the line before a document. */
  #head = '';
  /** The rest of the line is of no interest. */
  #skipping = false;
  /** The last line ended in a CR, whose LF may follow. */
  #returned = false;
  /** What `event:` said. */
  #event = '';
  #inside = false;
  #isData = false;
  #depth = 0;
  #inString = false;
  /** Bytes of an escape that are still to come; -1: its letter. */
  #escape = 0;
  #stringLength = 0;
  #dropping = false;
  #length = 0;
  #kept = new Uint8Array(1024);
  #size = 0;
  /** How much of `data:` was seen on a further line of the same event; -1: not at the start of one. */
  #margin = -1;
  /** Whether the documents stand in an array: undefined where none has begun, then whether it has ended. */
  arrayEnded;

  /** @param hear `{ document(text, event), text(line, event), large() }`; `text` is given what is neither a document nor a field */
  constructor(hear) {
    this.#hear = hear;
  }

  push(bytes) {
    for (let at = 0; at < bytes.length;) at = this.#inside ? this.#document(bytes, at) : this.#line(bytes, at);
  }

  /** Nothing more comes. Returns whether it ended outside of a document. */
  end() {
    if (!this.#inside) {
      // The beginning of a field, or of a mark, is nothing that anybody has said.
      const line = this.#head.trim();
      if (!FIELDS.some((field) => field !== line && field.startsWith(line))) this.#endLine();
      return true;
    }
    this.#endDocument();
    return false;
  }

  #line(bytes, start) {
    for (let at = start; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (byte === LF && this.#returned) this.#returned = false;
      else if (byte === LF || byte === CR) this.#endLine(byte === CR);
      else if (this.#skipping) continue;
      else if (byte === BEGIN && BEFORE_A_DOCUMENT.test(this.#head)) return this.#begin(at);
      else if (byte === CLOSE && this.arrayEnded === false && BETWEEN_ELEMENTS.test(this.#head)) this.arrayEnded = true;
      else if (this.#head.length < MOST_HEAD) this.#head += String.fromCharCode(byte);
      else this.#skipping = true;
    }
    return bytes.length;
  }

  #endLine(returned = false) {
    const line = this.#head.trim();
    this.#returned = returned;
    this.#head = '';
    this.#skipping = false;
    if (line === '') {
      this.#event = '';
      return;
    }
    if (line.startsWith('event:')) this.#event = line.slice(6).trim();
    else if (line.startsWith('data:')) this.#text(line.slice(5).trim());
    else if (/^\[[\s,]*$/.test(line)) this.arrayEnded ??= false;
    else if (/^\[\s*\]$/.test(line)) this.arrayEnded = true;
    else if (!NO_DATA.test(line)) this.#text(line);
  }

  #text(line) {
    if (!/^[[\],\s]*$/.test(line)) this.#hear.text(line, this.#event);
  }

  #begin(at) {
    this.#isData = this.#head.trimStart().startsWith('data:');
    if (!this.#isData && this.#head.includes('[')) this.arrayEnded = false;
    this.#head = '';
    this.#returned = false;
    this.#inside = true;
    this.#inString = false;
    this.#depth = this.#size = this.#length = this.#escape = 0;
    this.#margin = -1;
    return at;
  }

  #document(bytes, start) {
    let at = start;
    while (at < bytes.length) {
      if (this.#inString && this.#escape === 0) at = this.#run(bytes, at);
      if (at === bytes.length) break;
      const byte = bytes[at++];
      if (this.#isData && this.#isMargin(byte)) {
        if (this.#inside) continue;
        return at;
      }
      this.#keep(byte);
      if (this.#inString) this.#character(byte);
      else if (byte === QUOTE) [this.#inString, this.#stringLength] = [true, 0];
      else if (byte === BEGIN || byte === OPEN) this.#depth += 1;
      else if ((byte === END || byte === CLOSE) && --this.#depth <= 0) {
        this.#endDocument();
        return at;
      }
    }
    return at;
  }

  /** The characters of a string up to one that means something. */
  #run(bytes, start) {
    let at = start;
    if (this.#margin >= 0) return at;
    for (; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (byte === QUOTE || byte === BACKSLASH || (this.#isData && (byte === LF || byte === CR))) break;
    }
    const wanted = Math.max(Math.min(at - start, MOST_STRING - this.#stringLength), 0);
    for (let n = 0; n < wanted; n += 1) this.#put(bytes[start + n]);
    this.#stringLength += at - start;
    this.#grow(at - start);
    return at;
  }

  #character(byte) {
    if (this.#escape === -1) this.#escape = byte === U ? 4 : 0;
    else if (this.#escape > 0) this.#escape -= 1;
    else if (byte === BACKSLASH) this.#escape = -1;
    else if (byte === QUOTE) this.#inString = false;
    this.#stringLength += 1;
  }

  /** Between the lines of one event. A blank one ends it, whatever has been opened: a server's slip costs one document. */
  #isMargin(byte) {
    if (byte === CR) return true;
    if (byte === LF) {
      if (this.#margin === 0) {
        this.#endDocument();
        this.#event = '';
      }
      this.#margin = 0;
      return true;
    }
    if (this.#margin < 0) return false;
    if (byte === DATA.charCodeAt(this.#margin)) {
      this.#margin += 1;
      if (this.#margin === DATA.length) this.#margin = -1;
      return true;
    }
    // A line break that should not be there: the line goes on.
    for (let n = 0; n < this.#margin; n += 1) this.#keep(DATA.charCodeAt(n));
    this.#margin = -1;
    return false;
  }

  #keep(byte) {
    this.#grow(1);
    // An escape is kept whole or not at all.
    if (this.#escape === 0) this.#dropping = this.#inString && this.#stringLength >= MOST_STRING && byte !== QUOTE;
    if (!this.#dropping) this.#put(byte);
  }

  #put(byte) {
    if (this.#size === MOST_DOCUMENT) return;
    if (this.#size === this.#kept.length) {
      const kept = new Uint8Array(this.#kept.length * 4);
      kept.set(this.#kept);
      this.#kept = kept;
    }
    this.#kept[this.#size++] = byte;
  }

  #grow(by) {
    if (this.#length <= LARGE && this.#length + by > LARGE) this.#hear.large();
    this.#length += by;
  }

  #endDocument() {
    this.#inside = false;
    const text = this.#decoder.decode(this.#kept.subarray(0, this.#size));
    this.#hear.document(text, this.#event);
  }
}

const DATA = 'data:';
const FIELDS = [DATA, 'data: [DONE]', 'data:[DONE]', 'event:', 'id:', 'retry:'];
/** A byte order mark, as three characters, may come first. */
const BEFORE_A_DOCUMENT = /^(?:ï»¿)?\s*(?:data:)?[\s,[]*$/;
const BETWEEN_ELEMENTS = /^[\s,]*$/;
/** Comments, which keep a connection open, fields without data, and what stands between elements. */
const NO_DATA = /^(?::|(?:id|retry|data|event)(?::|$)|[[\],\s]+$)/;
