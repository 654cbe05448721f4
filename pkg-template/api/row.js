// Things in a row, each of which can leave it from where it stands. Members know their neighbours, so nothing is made when one comes
// or goes: a Set of one or two is made anew every few of them.

export class Row {
  #first;
  #last;
  size = 0;

  /** @param member has fields `before`, `after` and `row`, which are ours */
  add(member) {
    if (member.row !== undefined) return;
    member.row = this;
    member.before = this.#last;
    member.after = undefined;
    if (this.#last === undefined) this.#first = member;
    else this.#last.after = member;
    this.#last = member;
    this.size += 1;
  }

  delete(member) {
    if (member.row !== this) return;
    const { before, after } = member;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    member.before = member.after = member.row = undefined;
    this.size -= 1;
  }

  /** The one that has been here for longest; undefined where there is none. */
  get first() {
    return this.#first;
  }

  /** All of now, the oldest first: whoever looks may take them out. */
  all() {
    const members = [];
    for (let member = this.#first; member !== undefined; member = member.after) members.push(member);
    return members;
  }
}
