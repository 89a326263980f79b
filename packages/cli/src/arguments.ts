import { Argument, InvalidArgumentError, Option } from 'commander';

/** What people type, as options of commander: what cannot be meant ends the command with code 2. */

/** Collects an option that may be given several times. */
export const collect = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  value,
];

export function readPositive(value: string): number {
  const number = /^\d{1,9}$/.test(value) ? Number(value) : 0;
  if (number < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return number;
}

/** Such a page is read at once. */
const MOST_ITEMS = 1_000;

/** @throws {InvalidArgumentError} */
export function readLimit(value: string): number {
  const limit = readPositive(value);
  if (limit > MOST_ITEMS) throw new InvalidArgumentError(`It must be at most ${MOST_ITEMS}.`);
  return limit;
}

export type PageOptions = { readonly limit: number; readonly cursor?: string };

export const limitOption = (): Option =>
  new Option('--limit <count>', `how many to show, 1 to ${MOST_ITEMS}`).default(100).argParser(readLimit);
export const cursorOption = (): Option => new Option('--cursor <cursor>', 'where the page before has ended');

export const keyOption = (): Option =>
  new Option('--key <key>', 'the idempotency key: the same command under the same key is done once');

export const ifVersionOption = (): Option =>
  new Option('--if-version <version>', 'only if it has this version, as show tells it').argParser(
    readPositive,
  );

export const formatOption = (): Option =>
  new Option('--format <format>', 'the format of the file').choices(['csv', 'ndjson']).default('csv');

export const outputOption = (): Option =>
  new Option('-o, --output <file>', 'the file to write; by default standard output');

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * A moment as people type it: `now`, `+90m` (from now on), or ISO 8601 with an offset, which Herald judges.
 * @throws {InvalidArgumentError}
 */
export function readMoment(value: string, now: Date): string {
  if (value === 'now') return now.toISOString();
  const [, sign, amount, unit] = /^([+-])(\d{1,6})([smhd])$/.exec(value) ?? [];
  if (amount !== undefined && unit !== undefined) {
    const distanceMs = Number(amount) * (UNITS_MS[unit] ?? 0);
    return new Date(now.getTime() + (sign === '-' ? -distanceMs : distanceMs)).toISOString();
  }
  if (/^\d{4}-\d\d-\d\dT/.test(value)) return value;
  throw new InvalidArgumentError(
    'It must be now, a distance such as +90m, +2h or +3d, or an ISO 8601 time with an offset.',
  );
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @throws {InvalidArgumentError} */
export function readId(value: string): string {
  if (UUID.test(value)) return value.toLowerCase();
  throw new InvalidArgumentError('It must be an id (a UUID).');
}

/** @throws {InvalidArgumentError} */
export function readMessageId(value: string): string {
  if (/^[1-9]\d{0,14}$/.test(value)) return value;
  throw new InvalidArgumentError("It must be a message's id (a whole number).");
}

export type ClientReference = { readonly id: string } | { readonly phone: string };

/** A client by what people have at hand: its id or its phone. */
export function readClientReference(value: string): ClientReference {
  if (UUID.test(value)) return { id: value.toLowerCase() };
  if (/^\+?7\d{10}$/.test(value)) return { phone: value.replace('+', '') };
  throw new InvalidArgumentError("It must be a client's id (a UUID) or phone (7 and ten digits).");
}

export const clientArgument = (): Argument =>
  new Argument('<client>', 'its id or its phone').argParser(readClientReference);
