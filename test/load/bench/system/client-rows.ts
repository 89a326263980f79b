import { phoneOf } from '../../../../infra/demo/client-file.ts';

export const TIMEZONES = [
  'Europe/Moscow',
  'Europe/Kaliningrad',
  'Asia/Yekaterinburg',
  'Asia/Vladivostok',
  '+03:00',
];
const ROWS_IN_A_PIECE = 500;

/** No two clients of a run have the same phone, on whichever system they are. */
let phones = 0;

/** The phones of so many new clients: the index of the first, for `phoneOf`. */
export function reservePhones(count: number): number {
  const first = phones;
  phones += count;
  return first;
}

/** One new client, as `POST /clients` takes it. */
export function newClient(index: number, tag: string) {
  const timezone = TIMEZONES[index % TIMEZONES.length] ?? 'UTC';
  return { phone: phoneOf(index), timezone, tag };
}

/**
 * A CSV file of so many new clients under a tag, in pieces that are made while they are read.
 * @param onRows told how many rows have been handed over
 */
export function* clientRows(count: number, tag: string, onRows: (rows: number) => void): Generator<string> {
  const first = reservePhones(count);
  yield 'phone,timezone,tag\n';
  for (let from = 0; from < count; from += ROWS_IN_A_PIECE) {
    const to = Math.min(count, from + ROWS_IN_A_PIECE);
    let piece = '';
    for (let index = from; index < to; index++) {
      const { phone, timezone } = newClient(first + index, tag);
      piece += `${phone},${timezone},${tag}\n`;
    }
    onRows(to);
    yield piece;
  }
}
