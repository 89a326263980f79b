import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SendRecord } from './entry.ts';
import type { Journal } from './journal.ts';
import { openJournal } from './open-journal.ts';

const ALL = { after: 0, messageId: null, limit: Number.POSITIVE_INFINITY };
let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'provider-journal-'));
  path = join(folder, 'journal.ndjson');
});
afterEach(() => rmSync(folder, { recursive: true }));

function message(messageId: number, changes: Partial<SendRecord> = {}): SendRecord {
  const at = 1_800_000_000_000.5;
  return {
    at,
    messageId,
    phone: 79_161_234_567,
    text: 'Grüße',
    idempotencyKey: null,
    accepted: true,
    outcome: 'ok',
    ...changes,
  };
}

/** Opens it again as a new process would. The old one is left as a killed process leaves it: not closed. */
function openedAgain(): Journal {
  return openJournal(path, 1_000);
}

describe('the journal file', () => {
  it('brings back entries, counts and accepted ids', () => {
    const before = openedAgain();
    before.record(message(1));
    before.record(message(2, { accepted: false, outcome: 'status-503' }));
    before.record(message(1, { idempotencyKey: 'key-of-1' }));
    before.noteAborted(2);
    const after = openedAgain();
    expect([...after.walk(ALL)]).toEqual([...before.walk(ALL)]);
    expect(after.summary()).toEqual(before.summary());
    expect(after.requestsOf(1)).toBe(2);
    expect(after.keyBelongsToAnother('key-of-1', 2)).toBe(true);
    expect(after.record(message(1))).toBe(4);
    expect([...after.walk({ ...ALL, after: 3 })]).toMatchObject([{ attempt: 3, repeat: true }]);
  });

  it('may be read by its owner alone, also one that was open to everybody', () => {
    openedAgain().record(message(1));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    chmodSync(path, 0o644);
    openedAgain();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('tolerates a last line that was torn, and goes on behind the whole ones', () => {
    openedAgain().record(message(1));
    const whole = readFileSync(path, 'utf8');
    appendFileSync(path, whole.replace('"sequence":1', '"sequence":2').slice(0, -20));
    const after = openedAgain();
    expect(after.summary().requests).toBe(1);
    after.record(message(2));
    expect(openedAgain().summary().distinctAccepted).toBe(2);
    expect(readFileSync(path, 'utf8').startsWith(whole)).toBe(true);
  });

  it('refuses a file that is something else, and leaves it alone', () => {
    writeFileSync(path, '{"sequence":1}\n');
    expect(openedAgain).toThrow(/journal\.ndjson, line 1 is not a line of a provider journal/);
    expect(readFileSync(path, 'utf8')).toBe('{"sequence":1}\n');
  });

  it('refuses a file with entries missing', () => {
    const journal = openedAgain();
    for (const id of [1, 2, 3]) journal.record(message(id));
    const lines = readFileSync(path, 'utf8').split('\n');
    writeFileSync(path, [lines[0], lines[2], ''].join('\n'));
    expect(openedAgain).toThrow('the journal goes on with entry 3 where 2 was expected');
  });

  it('is empty when the journal has been forgotten', () => {
    const journal = openedAgain();
    journal.record(message(1));
    journal.forget();
    journal.noteAborted(1);
    expect(readFileSync(path, 'utf8')).toBe('');
    journal.record(message(1));
    expect(openedAgain().summary()).toMatchObject({ requests: 1, distinctAccepted: 1, repeatedAccepted: 0 });
  });

  it('reads lines that lie across the blocks it is read in', () => {
    const journal = openedAgain();
    const text = 'ж'.repeat(30_000);
    for (let id = 1; id <= 60; id += 1) journal.record(message(id, { text }));
    const after = openedAgain();
    expect(after.summary().distinctAccepted).toBe(60);
    expect([...after.walk(ALL)].every((entry) => entry.text === text)).toBe(true);
  });
});
