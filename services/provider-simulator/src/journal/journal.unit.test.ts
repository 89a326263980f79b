import { describe, expect, it } from 'vitest';
import { Journal } from './journal.ts';

const MESSAGE = {
  at: 1_800_000_000_000,
  phone: 79_161_234_567,
  text: 'Hello',
  idempotencyKey: null,
  accepted: true,
  outcome: 'ok',
};

describe('a journal above its limit', () => {
  it('has dropped entries and still knows which messages were accepted', () => {
    const journal = new Journal(1);
    for (let messageId = 1; messageId <= 30_000; messageId += 1) journal.record({ ...MESSAGE, messageId });
    const last = journal.record({ ...MESSAGE, messageId: 1 });

    const [first] = journal.walk({ after: 0, messageId: null, limit: 1 });
    expect(first?.sequence).toBeGreaterThan(10_000);
    const [repeated] = journal.walk({ after: last - 1, messageId: null, limit: 1 });
    expect(repeated).toMatchObject({ messageId: 1, attempt: 2, repeat: true });
    expect(journal.summary()).toMatchObject({
      requests: 30_001,
      distinctAccepted: 30_000,
      repeatedAccepted: 1,
    });
  });
});
