import { expect, test } from 'vitest';
import { someClient, someMailing } from '../../test/run-cli.ts';
import { describeData } from './describe-data.ts';

test.each([
  [
    { mailing: someMailing({ id: 'a', status: 'paused', version: 3 }), recentCommands: [] },
    'mailing a "Autumn" paused, version 3',
  ],
  [{ mailing: someMailing({ id: 'a', name: null }) }, 'mailing a running, version 1'],
  [
    { client: someClient({ id: 'b' }), previousPhone: '79160000000' },
    'client b 79161234567 916 "vip" UTC, version 1, previousPhone 79160000000',
  ],
  [
    { client: someClient({ id: 'b', tag: '' }), previousPhone: null },
    'client b 79161234567 916 UTC, version 1',
  ],
  [
    { mailingId: 'a', batch: 0, outcomes: [{}, {}], call: { at: 1 } },
    'mailingId a, batch 0, outcomes 2, call {"at":1}',
  ],
  [{ text: 'two\nlines\u001b[2J' }, 'text two lines [2J'],
  [null, ''],
  [undefined, ''],
])('%j is told as one line', (data, line) => {
  expect(describeData(data)).toBe(line);
});
