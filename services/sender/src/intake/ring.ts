/** A member and how many turns it has left in this round. */
interface Seat<Member> {
  readonly member: Member;
  turnsLeft: number;
}

/**
 * Turns in a circle, by weight: whoever was chosen is last in line, and a round is over when all that want have had as
 * many turns as their weight. So with equal weights everybody comes in turn, a heavy member comes more often and not
 * several times in a row while others have turns left, and the lightest comes once in every round. Choosing costs as
 * many looks as there are members that pass; members and weights may change at any time.
 */
export class Ring<Member> {
  readonly #weightOf: (member: Member) => number;
  readonly #seats: Seat<Member>[] = [];
  #next = 0;

  /** @param weightOf turns in a round, 1 or more; asked when a round begins */
  constructor(weightOf: (member: Member) => number = () => 1) {
    this.#weightOf = weightOf;
  }

  get size(): number {
    return this.#seats.length;
  }

  *[Symbol.iterator](): IterableIterator<Member> {
    for (const { member } of this.#seats) yield member;
  }

  /** Joins at the end of the line: everybody who is there already comes before. */
  add(member: Member): void {
    this.#seats.splice(this.#next, 0, { member, turnsLeft: 0 });
    this.#next += 1;
    if (this.#next >= this.#seats.length) this.#next = 0;
  }

  remove(member: Member): void {
    const index = this.#seats.findIndex((seat) => seat.member === member);
    if (index < 0) return;
    this.#seats.splice(index, 1);
    if (index < this.#next) this.#next -= 1;
    if (this.#next >= this.#seats.length) this.#next = 0;
  }

  /** The next member in line that wants its turn; those that do not are passed over and keep their turns. */
  take(wants: (member: Member) => boolean): Member | undefined {
    const count = this.#seats.length;
    let inNextRound: number | undefined;
    for (let step = 0; step < count; step += 1) {
      const index = (this.#next + step) % count;
      const seat = this.#seats[index];
      if (seat === undefined) continue;
      if (seat.turnsLeft === 0 && inNextRound !== undefined) continue;
      if (!wants(seat.member)) continue;
      if (seat.turnsLeft > 0) return this.#choose(index);
      inNextRound = index;
    }
    if (inNextRound === undefined) return undefined;
    for (const seat of this.#seats) seat.turnsLeft = this.#weightOf(seat.member);
    return this.#choose(inNextRound);
  }

  #choose(index: number): Member | undefined {
    const seat = this.#seats[index];
    if (seat === undefined) return undefined;
    seat.turnsLeft -= 1;
    this.#next = (index + 1) % this.#seats.length;
    return seat.member;
  }
}
