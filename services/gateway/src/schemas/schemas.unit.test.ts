import { expect, test } from 'vitest';
import { validationProblem } from '../problems/validation-problem.ts';
import { clientPatch, newClient } from './client.ts';
import { conditionalHeaders, writeHeaders } from './headers.ts';
import { filter, mailingPatch, newMailing } from './mailing.ts';
import { pageByMailing } from './parameters.ts';

const CLIENT = { phone: '79161234567', timezone: 'Europe/Moscow' };
const MAILING = {
  text: 'Hello',
  startAt: '2030-01-01T00:00:00Z',
  endAt: '2030-01-02T00:00:00Z',
  filter: { everyone: true },
};

interface Schema {
  safeParse(value: unknown): {
    success: boolean;
    error?: { issues: Parameters<typeof validationProblem>[0] };
  };
}

const pathsOf = (schema: Schema, value: unknown): string[] => {
  const { error } = schema.safeParse(value);
  return error === undefined ? [] : (validationProblem(error.issues).errors ?? []).map(({ path }) => path);
};

test.each([
  ['a short phone', { ...CLIENT, phone: '7916123456' }, ['/phone']],
  ['a phone that is a number', { ...CLIENT, phone: 79161234567 }, ['/phone']],
  ['a phone with a line break', { ...CLIENT, phone: '79161234567\n' }, ['/phone']],
  ['an unknown zone', { ...CLIENT, timezone: 'Mars/Olympus' }, ['/timezone']],
  ['an offset of a day', { ...CLIENT, timezone: '+24:00' }, ['/timezone']],
  ['a long tag', { ...CLIENT, tag: 'x'.repeat(101) }, ['/tag']],
  ['NUL in a tag', { ...CLIENT, tag: 'a\u0000b' }, ['/tag']],
  ['a line break in a tag', { ...CLIENT, tag: 'a\nb' }, ['/tag']],
  ['a C1 control character', { ...CLIENT, tag: 'a\u0085b' }, ['/tag']],
  ['a zero-width space in a tag', { ...CLIENT, tag: 'v\u200bip' }, ['/tag']],
  ['a tag written backwards', { ...CLIENT, tag: '\u202epiv' }, ['/tag']],
  ['a tag of blanks alone', { ...CLIENT, tag: ' \u00a0' }, ['/tag']],
  ['a zone that only ICU knows', { ...CLIENT, timezone: 'IST' }, ['/timezone']],
  ['a zone of blanks alone', { ...CLIENT, timezone: ' ' }, ['/timezone']],
  ['a lone surrogate', { ...CLIENT, tag: '\ud800' }, ['/tag']],
  ['a null where there is no default', { ...CLIENT, tag: null }, ['/tag']],
  ['an unknown field', { ...CLIENT, 'a/b~c': 1 }, ['/a~1b~0c']],
  [
    'a field named __proto__',
    JSON.parse('{"phone":"79161234567","timezone":"UTC","__proto__":{}}'),
    ['/__proto__'],
  ],
  ['nothing', {}, ['/phone', '/timezone']],
  ['a list', [], ['']],
  ['null', null, ['']],
])('a new client with %s is refused and the place named', (_title, value, paths) => {
  expect(pathsOf(newClient, value)).toEqual(paths);
});

test.each([
  ['Europe/Moscow', 'Europe/Moscow'],
  ['europe/moscow', 'Europe/Moscow'],
  [' UTC\u00a0', 'UTC'],
  ['Asia/Calcutta', 'Asia/Calcutta'],
  ['Asia/Kolkata', 'Asia/Kolkata'],
  ['Europe/Kyiv', 'Europe/Kyiv'],
  ['+03:00', '+03:00'],
  ['-0530', '-05:30'],
  ['\u221203', '-03:00'],
])('takes the time zone %j as %s', (timezone, written) => {
  expect(newClient.parse({ ...CLIENT, timezone }).timezone).toBe(written);
  expect(clientPatch.parse({ timezone }).timezone).toBe(written);
});

test('values are written without blanks around them, and labels in NFC', () => {
  const given = { phone: ' 79161234567\u00a0', timezone: 'UTC ', operatorCode: '916\t', tag: ' Cafe\u0301 ' };
  expect(newClient.parse(given)).toEqual({
    ...{ phone: '79161234567', timezone: 'UTC' },
    ...{ operatorCode: '916', tag: 'Caf\u00e9' },
  });
  expect(newMailing.parse({ ...MAILING, name: '\u00a0Cafe\u0301' }).name).toBe('Caf\u00e9');
  expect(filter.parse({ tags: [' Cafe\u0301'], operatorCodes: [' 916'] })).toEqual({
    ...{ tags: ['Caf\u00e9'], operatorCodes: ['916'] },
  });
  // A text is not compared with anything: it is sent as it was written.
  expect(newMailing.parse({ ...MAILING, text: ' Cafe\u0301 ' }).text).toBe(' Cafe\u0301 ');
});

test('the length of a label is counted as it is written', () => {
  expect(newClient.parse({ ...CLIENT, tag: ` ${'e\u0301'.repeat(100)} ` }).tag).toBe('\u00e9'.repeat(100));
  expect(pathsOf(newClient, { ...CLIENT, tag: `${' '.repeat(5_000)}x` })).toEqual(['/tag']);
});

test('counts characters as people do: an emoji is one', () => {
  expect(pathsOf(newMailing, { ...MAILING, text: '🎉'.repeat(4_096) })).toEqual([]);
  expect(pathsOf(newMailing, { ...MAILING, text: '🎉'.repeat(4_097) })).toEqual(['/text']);
});

test.each([
  ['no text', { ...MAILING, text: '' }, ['/text']],
  ['a text that is too long', { ...MAILING, text: 'x'.repeat(4_097) }, ['/text']],
  ['a bell in its text', { ...MAILING, text: 'a\u0007' }, ['/text']],
  ['a line break in its name', { ...MAILING, name: 'a\nb' }, ['/name']],
  ['a name of blanks alone', { ...MAILING, name: '  ' }, ['/name']],
  ['a zero-width joiner in its name', { ...MAILING, name: 'a\u200db' }, ['/name']],
  ['a name of null', { ...MAILING, name: null }, ['/name']],
  ['a day that is none', { ...MAILING, startAt: '2026-02-30T00:00:00Z' }, ['/startAt']],
  ['an empty window', { ...MAILING, localWindow: { from: '09:00', to: '09:00' } }, ['/localWindow/to']],
  [
    'an hour 25 in its window',
    { ...MAILING, localWindow: { from: '25:00', to: '09:00' } },
    ['/localWindow/from'],
  ],
  ['half a window', { ...MAILING, localWindow: { from: '09:00' } }, ['/localWindow/to']],
  ['no calls at all', { ...MAILING, rateLimit: 0 }, ['/rateLimit']],
  ['a negative limit', { ...MAILING, rateLimit: -1 }, ['/rateLimit']],
  ['less than a call in 1000 s', { ...MAILING, rateLimit: 0.000_9 }, ['/rateLimit']],
  ['more calls than there are', { ...MAILING, rateLimit: 100_001 }, ['/rateLimit']],
  ['a limit in words', { ...MAILING, rateLimit: '10' }, ['/rateLimit']],
  ['a limit of null', { ...MAILING, rateLimit: null }, ['/rateLimit']],
  ['priority 0', { ...MAILING, priority: 0 }, ['/priority']],
  ['priority 10', { ...MAILING, priority: 10 }, ['/priority']],
  ['half a priority', { ...MAILING, priority: 4.5 }, ['/priority']],
  ['a priority in words', { ...MAILING, priority: 'high' }, ['/priority']],
  ['an empty filter', { ...MAILING, filter: {} }, ['/filter']],
  [
    'empty lists in its filter',
    { ...MAILING, filter: { tags: [], operatorCodes: [] } },
    ['/filter/operatorCodes', '/filter/tags'],
  ],
  ['everyone and some', { ...MAILING, filter: { everyone: true, tags: ['a'] } }, ['/filter']],
  ['everyone false', { ...MAILING, filter: { everyone: false } }, ['/filter/everyone']],
  ['a tag of blanks in its filter', { ...MAILING, filter: { tags: ['vip', ' '] } }, ['/filter/tags/1']],
  [
    'a bad code among good ones',
    { ...MAILING, filter: { operatorCodes: ['916', '9'] } },
    ['/filter/operatorCodes/1'],
  ],
])('a new mailing with %s is refused and the place named', (_title, value, paths) => {
  expect(pathsOf(newMailing, value)).toEqual(paths);
});

test('takes limits below one a second and every priority', () => {
  for (const rateLimit of [0.001, 0.5, 1, 100_000])
    expect(pathsOf(newMailing, { ...MAILING, rateLimit })).toEqual([]);
  for (const priority of [1, 5, 9]) expect(pathsOf(newMailing, { ...MAILING, priority })).toEqual([]);
});

test('takes line breaks and tabulators in a text', () => {
  expect(newMailing.parse({ ...MAILING, text: 'a\r\n\tb' }).text).toBe('a\r\n\tb');
});

test('normalises the times of a mailing to UTC', () => {
  const parsed = newMailing.parse({ ...MAILING, startAt: '2030-01-01T03:00:00+03:00' });
  expect(parsed.startAt).toBe('2030-01-01T00:00:00.000Z');
});

test('a filter keeps only what was said', () => {
  expect(filter.parse({ tags: ['vip', ''] })).toEqual({ tags: ['vip', ''] });
  expect(filter.parse({ everyone: true })).toEqual({ everyone: true });
});

test('a patch may name null only where there is something to go back to', () => {
  expect(pathsOf(clientPatch, { tag: null, operatorCode: null })).toEqual([]);
  expect(pathsOf(clientPatch, { phone: null, timezone: null })).toEqual(['/phone', '/timezone']);
  expect(pathsOf(mailingPatch, { name: null, localWindow: null, rateLimit: null, priority: null })).toEqual(
    [],
  );
  expect(pathsOf(mailingPatch, { text: null, startAt: null, endAt: null, filter: null })).toEqual([
    '/text',
    '/startAt',
    '/endAt',
    '/filter',
  ]);
});

test.each(['1', '100', '1000'])('takes a limit of %s', (limit) => {
  expect(pageByMailing.parse({ limit })).toEqual({ limit: Number(limit) });
});

test.each(['0', '1001', '-1', '1e2', '10.5', ' 5', '', '99999', '0x10'])('refuses a limit of %j', (limit) => {
  expect(pathsOf(pageByMailing, { limit })).toEqual(['/limit']);
});

test('reads If-Match as one strong tag or a star', () => {
  expect(conditionalHeaders.parse({ 'If-Match': '"3"' })).toEqual({ 'If-Match': 3 });
  expect(conditionalHeaders.parse({ 'If-Match': '*' })).toEqual({ 'If-Match': '*' });
  for (const tag of ['3', 'W/"3"', '"3", "4"', '"0"', '"abc"', '""', '"99999999999999999999"']) {
    expect(conditionalHeaders.safeParse({ 'If-Match': tag }).success, tag).toBe(false);
  }
});

test('takes any printable ASCII as an idempotency key, up to 255', () => {
  const fits = (key: string): boolean => writeHeaders.safeParse({ 'Idempotency-Key': key }).success;
  expect(fits('order 17/"a"')).toBe(true);
  expect(fits('k'.repeat(255))).toBe(true);
  expect([fits('k'.repeat(256)), fits(''), fits('ключ'), fits('a\tb')]).toEqual([false, false, false, false]);
});
