// What is kept of calls, by the engine's tickets. A Map of one or two entries that come and go is made anew every few of them, as
// deleted entries take room until then: with a set beside it that was 1 us a call. Tickets follow each other, so that nearly all find
// a place of their own in a short list; whoever does not, because another has waited for so long, is in a Map.

/** Enough for those that are under way at once, and not much for an instance that nobody calls. A power of two. */
const PLACES = 64;

export class Tickets {
  #tickets = new Array(PLACES).fill(0);
  #values = new Array(PLACES).fill(undefined);
  #others = new Map();
  size = 0;

  /** @param ticket from 1 on */
  get(ticket) {
    const at = ticket & (PLACES - 1);
    return this.#tickets[at] === ticket ? this.#values[at] : this.#others.get(ticket);
  }

  has(ticket) {
    return this.#tickets[ticket & (PLACES - 1)] === ticket || this.#others.has(ticket);
  }

  set(ticket, value) {
    if (!this.has(ticket)) this.size += 1;
    const at = ticket & (PLACES - 1);
    const taken = this.#tickets[at];
    if (taken === ticket || (taken === 0 && !this.#others.has(ticket))) {
      this.#tickets[at] = ticket;
      this.#values[at] = value;
    } else {
      this.#others.set(ticket, value);
    }
  }

  delete(ticket) {
    const at = ticket & (PLACES - 1);
    if (this.#tickets[at] === ticket) {
      this.#tickets[at] = 0;
      this.#values[at] = undefined;
    } else if (!this.#others.delete(ticket)) {
      return;
    }
    this.size -= 1;
  }

  /** In no order that means anything. */
  values() {
    return [...this.#values.filter((value) => value !== undefined), ...this.#others.values()];
  }
}
