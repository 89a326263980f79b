/** What a promise came to within a time. */
export type Within<Value> = { readonly kind: 'settled'; readonly value: Value } | { readonly kind: 'late' };

/**
 * Waits for a promise, but not longer than so many milliseconds, nor longer than the signal lives. What it comes to
 * afterwards is nobody's any more, a failure too.
 *
 * @throws what the promise is rejected with in time
 */
export async function within<Value>(
  promise: Promise<Value>,
  milliseconds: number,
  signal?: AbortSignal,
): Promise<Within<Value>> {
  if (signal?.aborted === true) return { kind: 'late' };
  const end = Promise.withResolvers<Within<Value>>();
  const late = (): void => end.resolve({ kind: 'late' });
  const timer = setTimeout(late, Math.max(0, milliseconds));
  signal?.addEventListener('abort', late, { once: true });
  try {
    return await Promise.race([promise.then((value) => ({ kind: 'settled' as const, value })), end.promise]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', late);
  }
}
