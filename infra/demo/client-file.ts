const TIMEZONES = ['Europe/Moscow', 'Europe/Kaliningrad', 'Asia/Yekaterinburg', 'Asia/Vladivostok', '+03:00'];
const TAGS = ['', 'vip', 'new'];
const OPERATORS = 100;
const ROWS_IN_A_PIECE = 500;

/** The phone of the client with this index, below 1 billion: no two have the same. */
export function phoneOf(index: number): string {
  const operator = 900 + (index % OPERATORS);
  const subscriber = String(Math.floor(index / OPERATORS)).padStart(7, '0');
  return `7${operator}${subscriber}`;
}

/**
 * A CSV file of so many clients in pieces, made while it is read: a million of them need no memory.
 * @param onRows told how many rows have been handed over so far.
 */
export function* clientFile(clients: number, onRows: (rows: number) => void): Generator<string> {
  yield 'phone,timezone,tag\n';
  for (let from = 0; from < clients; from += ROWS_IN_A_PIECE) {
    const to = Math.min(clients, from + ROWS_IN_A_PIECE);
    let piece = '';
    for (let index = from; index < to; index++) {
      piece += `${phoneOf(index)},${TIMEZONES[index % TIMEZONES.length]},${TAGS[index % TAGS.length]}\n`;
    }
    onRows(to);
    yield piece;
  }
}
