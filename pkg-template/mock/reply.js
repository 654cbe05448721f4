// What goes back: a status, headers and a body in one piece or, for a stream, in several.

export class Reply {
  /**
   * @param {number} status
   * @param {Record<string, string>} headers lower-case names
   * @param {string | string[]} body several pieces are sent one after the other, with pauses
   */
  constructor(status, headers, body) {
    this.status = status;
    this.headers = headers;
    this.pieces = typeof body === 'string' ? [body] : body;
    this.streamed = typeof body !== 'string';
    /** Break the connection before this piece; null: never. @type {number | null} */
    this.cutBefore = null;
  }

  /** @param {Record<string, string>} headers */
  with(headers) {
    Object.assign(this.headers, headers);
    return this;
  }

  /** Cuts the connection after so many pieces; a body in one piece breaks in its middle. @param {number} pieces */
  cutAfter(pieces) {
    if (!this.streamed) {
      const [whole] = this.pieces;
      const middle = Math.ceil(whole.length / 2);
      this.pieces = [whole.slice(0, middle), whole.slice(middle)];
    }
    this.cutBefore = Math.max(1, Math.min(pieces, this.pieces.length - 1));
    return this;
  }

  /** Replaces what follows so many pieces by an error that the status line no longer tells. @param {number} pieces @param {string} tail */
  failAfter(pieces, tail) {
    this.pieces = [...this.pieces.slice(0, Math.max(1, Math.min(pieces, this.pieces.length - 1))), tail];
    return this;
  }
}

/** Reason phrases, which HTTP/1.1 clients show. @type {Record<number, string>} */
export const STATUS_TEXT = {
  200: 'OK', 400: 'Bad Request', 401: 'Unauthorized', 402: 'Payment Required', 403: 'Forbidden', 404: 'Not Found', 413: 'Payload Too Large',
  429: 'Too Many Requests', 499: 'Client Closed Request', 500: 'Internal Server Error', 503: 'Service Unavailable', 504: 'Gateway Timeout',
};
