/** Asks for the next piece while the present one is being worked on: two pieces are held at the most. */
export async function* readAhead<Piece>(source: AsyncIterable<Piece>): AsyncGenerator<Piece> {
  const iterator = source[Symbol.asyncIterator]();
  const ask = (): Promise<IteratorResult<Piece>> => {
    const asked = iterator.next();
    // Told to whoever takes the piece, if anybody does.
    asked.catch(() => {});
    return asked;
  };
  try {
    let next = ask();
    for (let piece = await next; piece.done !== true; piece = await next) {
      next = ask();
      yield piece.value;
    }
  } finally {
    await iterator.return?.();
  }
}
