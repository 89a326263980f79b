import { expect, test } from 'vitest';
import { clientRows, newClient, reservePhones } from './client-rows.ts';

test('writes a file whose clients have phones that nobody else has', () => {
  const seen: number[] = [];
  const files = ['one', 'two'].map((tag) => [...clientRows(700, tag, (rows) => seen.push(rows))].join(''));
  const single = newClient(reservePhones(1), 'single').phone;
  const lines = files.map((file) => file.trimEnd().split('\n'));
  expect(lines.map(([head]) => head)).toEqual(['phone,timezone,tag', 'phone,timezone,tag']);
  const rows = lines.flatMap(([, ...rest]) => rest.map((row) => row.split(',')));
  const phones = new Set([single, ...rows.map(([phone]) => phone)]);
  expect(phones.size).toBe(1_401);
  expect(rows.every(([phone]) => /^7\d{10}$/.test(phone ?? ''))).toBe(true);
  expect(rows.filter(([, , tag]) => tag === 'two')).toHaveLength(700);
  expect(seen).toEqual([500, 700, 500, 700]);
});
