/**
 * Divides a whole number so that nobody gets more than it wants, and whoever gets less than it wants gets no less than
 * anybody else (max-min fairness). What does not divide goes to different ones in every turn, one each, so that one
 * among several that want comes to everybody.
 *
 * @param turn counts up with the time
 */
export function fairShares(
  wants: Readonly<Record<string, number>>,
  total: number,
  turn: number,
): Record<string, number> {
  const shares: Record<string, number> = {};
  let left = Math.max(0, total);
  let pending = Object.keys(wants).sort();
  for (;;) {
    const each = pending.length === 0 ? 0 : Math.floor(left / pending.length);
    const content = pending.filter((id) => (wants[id] ?? 0) <= each);
    if (content.length === 0) break;
    for (const id of content) {
      shares[id] = wants[id] ?? 0;
      left -= shares[id] ?? 0;
    }
    pending = pending.filter((id) => !content.includes(id));
  }
  const each = pending.length === 0 ? 0 : Math.floor(left / pending.length);
  const over = left - each * pending.length;
  for (const [index, id] of pending.entries()) {
    shares[id] = each + ((index + turn) % pending.length < over ? 1 : 0);
  }
  return shares;
}
