import { expect, test } from 'vitest';
import { clientFile, phoneOf } from './client-file.ts';

test('every client has a phone of its own, which the API takes', () => {
  const phones = new Set(Array.from({ length: 20_000 }, (_, index) => phoneOf(index)));
  expect(phones.size).toBe(20_000);
  for (const phone of phones) expect(phone).toMatch(/^7\d{10}$/);
  expect(phoneOf(999_999)).toBe('79990009999');
});

test.each([1, 499, 500, 501, 1_234])('a file of %i clients has a header and a row for each', (clients) => {
  const told: number[] = [];
  const lines = [...clientFile(clients, (rows) => told.push(rows))].join('').split('\n');
  expect(lines[0]).toBe('phone,timezone,tag');
  expect(lines).toHaveLength(clients + 2);
  expect(lines.at(-1)).toBe('');
  expect(told.at(-1)).toBe(clients);
});
