/**
 * Turns in a circle: whoever was chosen is last in line until all others had their chance. Choosing costs as many
 * looks as there are members that pass; members may come and go at any time.
 */
export class Ring<Member> {
  readonly #members: Member[] = [];
  #next = 0;

  get size(): number {
    return this.#members.length;
  }

  [Symbol.iterator](): IterableIterator<Member> {
    return this.#members[Symbol.iterator]();
  }

  /** Joins at the end of the line: everybody who is there already comes before. */
  add(member: Member): void {
    this.#members.splice(this.#next, 0, member);
    this.#next += 1;
    if (this.#next >= this.#members.length) this.#next = 0;
  }

  remove(member: Member): void {
    const index = this.#members.indexOf(member);
    if (index < 0) return;
    this.#members.splice(index, 1);
    if (index < this.#next) this.#next -= 1;
    if (this.#next >= this.#members.length) this.#next = 0;
  }

  /** The next member in line that wants its turn; those that do not are passed over and keep their place. */
  take(wants: (member: Member) => boolean): Member | undefined {
    const count = this.#members.length;
    for (let step = 0; step < count; step += 1) {
      const index = (this.#next + step) % count;
      const member = this.#members[index];
      if (member === undefined || !wants(member)) continue;
      this.#next = (index + 1) % count;
      return member;
    }
    return undefined;
  }
}
