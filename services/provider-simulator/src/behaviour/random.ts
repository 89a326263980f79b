/** A source of uniformly distributed numbers in [0, 1). */
export type RandomSource = () => number;

/**
 * mulberry32 by Tommy Ettinger, public domain
 * (https://gist.github.com/tommyettinger/46a874533244883189143505d203312c): 32 bits of state, a period of
 * 2^32, far more than the handful of numbers drawn from each source here.
 */
export function mulberry32(seed: number): RandomSource {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A source that belongs to one attempt of one message. One source shared by all requests would make the
 * faults depend on the order in which concurrent requests arrive; this way a seed decides every message's
 * fate alone, whatever else is going on.
 */
export function randomForAttempt(seed: number, messageId: number, attempt: number): RandomSource {
  let state = finalise(seed ^ 0x9e3779b9);
  state = finalise(state ^ (messageId | 0));
  state = finalise(state ^ Math.floor(messageId / 2 ** 32));
  return mulberry32(finalise(state ^ attempt));
}

/** The 32-bit finaliser of MurmurHash3 (Austin Appleby, public domain): neighbours end far apart. */
function finalise(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
