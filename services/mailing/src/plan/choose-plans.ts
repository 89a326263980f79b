/** How many plans are carried side by side. */
export const CONCURRENCY = 8;
/** How many of these may be cut meanwhile: large ones take minutes, and small ones must not wait for them. */
export const CUT_CONCURRENCY = 4;
/** How many of these need not be cut: small ones may come without an end, and large ones must not wait for that. */
const SMALL_CONCURRENCY = CONCURRENCY - 1;

export interface DuePlans<Plan> {
  /** Nothing is left to cut. */
  readonly small: readonly Plan[];
  /** In the order in which they take their turns. */
  readonly large: readonly Plan[];
}

/**
 * Which plans begin now. Small ones come first and large ones fill what is left, of which one place is always theirs.
 *
 * @param underWay how many of each kind are carried already
 */
export function choosePlans<Plan>(
  due: DuePlans<Plan>,
  underWay: { readonly small: number; readonly large: number },
): Plan[] {
  const free = CONCURRENCY - underWay.small - underWay.large;
  const small = due.small.slice(0, atLeastNone(Math.min(free, SMALL_CONCURRENCY - underWay.small)));
  const left = free - small.length;
  const large = due.large.slice(0, atLeastNone(Math.min(left, CUT_CONCURRENCY - underWay.large)));
  return [...small, ...large];
}

const atLeastNone = (count: number): number => Math.max(0, count);
