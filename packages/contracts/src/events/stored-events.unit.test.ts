import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseEvent } from '../event.ts';
import { type EventType, eventCatalogue } from './catalogue.ts';

/*
 * Events as releases wrote them, of every type and of every version of its data. Lines are added, and never changed: such
 * events stand in logs for ever. What they are read as stands beside them, so that a reader which begins to take them
 * otherwise is seen.
 */
const linesOf = (file: string): string[] =>
  readFileSync(join(import.meta.dirname, '..', '..', 'test', file), 'utf8')
    .trimEnd()
    .split('\n');
const stored = linesOf('stored-events.jsonl');
const expected = linesOf('stored-events.expected.jsonl').map((line): unknown => JSON.parse(line));

test.each(stored.map((line, index) => [index + 1, line] as const))(
  'line %i is read as it always was',
  (number, line) => {
    expect(parseEvent(line)).toStrictEqual(expected[number - 1]);
  },
);

test('there is one of every type and of every version that was ever written', () => {
  const known = new Set(
    stored.map((line) => parseEvent(line)).map(({ type, dataversion }) => `${type} ${dataversion}`),
  );
  const types = Object.keys(eventCatalogue) as EventType[];
  const written = types.flatMap((type) =>
    Array.from({ length: eventCatalogue[type].dataVersion }, (_, version) => `${type} ${version + 1}`),
  );
  expect([...known].sort()).toStrictEqual(written.sort());
  expect(stored).toHaveLength(expected.length);
});
