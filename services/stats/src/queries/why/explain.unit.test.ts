import type { MailingFilter } from '@herald/contracts';
import { describe, expect, test } from 'vitest';
import { client, facts, mailing, NOON, source, started, version } from '../../../test/why-facts.ts';
import { explain } from './explain.ts';
import type { Facts } from './facts.ts';

const registered = version('ClientRegistered', 5);

/** Outcome, and each reason as code, event and position. */
function told(given: Partial<Facts>): readonly unknown[] {
  const { outcome, reasons } = explain(facts(given));
  return [outcome, ...reasons.map(({ code, event, position }) => [code, event, position])];
}
const textOf = (given: Partial<Facts>, code: string): string | undefined =>
  explain(facts(given)).reasons.find((reason) => reason.code === code)?.text;
const filteredBy = (filter: MailingFilter) => mailing({ started: started(filter) });

describe('a client that was not addressed', () => {
  const atStart = ['client-at-start', 'ClientRegistered', 5] as const;
  const code = ['operator-code-not-in-filter', 'MailingStarted', 20] as const;
  const tag = ['tag-not-in-filter', 'MailingStarted', 20] as const;
  const fixed = ['audience-fixed-at-start', 'MailingStarted', 20] as const;

  test.each([
    ['its code', { operatorCodes: ['926'] }, [code]],
    ['its tag', { tags: ['news'] }, [tag]],
    ['its tag, with the right code', { operatorCodes: ['916'], tags: ['news'] }, [tag]],
    ['both', { operatorCodes: ['926'], tags: ['news'] }, [code, tag]],
  ] as const)('is told what the filter wants otherwise: %s', (_, filter, reasons) => {
    const given = { mailing: filteredBy(filter as unknown as MailingFilter) };
    expect(told(given)).toEqual(['not-addressed', ...reasons, atStart]);
  });

  test('is told what it was at the start, and what it has become since', () => {
    const changed = version('ClientChanged', 40, { tag: 'news' });
    const given = { mailing: filteredBy({ tags: ['news'] }), client: client(registered, changed) };
    expect(told(given)).toEqual([
      'not-addressed',
      tag,
      atStart,
      ['changed-since-start', 'ClientChanged', 40],
    ]);
    expect(textOf(given, 'tag-not-in-filter')).toBe('The filter wants the tag to be "news".');
    expect(textOf(given, 'client-at-start')).toContain('the operator code 916 and the tag "vip"');
    expect(textOf(given, 'changed-since-start')).toContain('the tag "news", which the filter wants');
  });

  test('is told that a change has not made it fit either, and that it has no tag', () => {
    const changed = version('ClientChanged', 40, { tag: '' });
    const given = { mailing: filteredBy({ tags: ['a', 'b'] }), client: client(registered, changed) };
    expect(textOf(given, 'changed-since-start')).toContain('no tag, which the filter does not want');
    expect(textOf(given, 'tag-not-in-filter')).toBe('The filter wants the tag to be one of "a", "b".');
  });

  test('is told that it was removed since', () => {
    const gone = version('ClientRemoved', 40);
    const given = { mailing: filteredBy({ tags: ['news'] }), client: client(registered, gone) };
    expect(told(given).at(-1)).toEqual(['changed-since-start', 'ClientRemoved', 40]);
  });

  test.each([
    ['of its zone alone', version('ClientChanged', 40, { timezone: 'Asia/Tokyo' })],
    ['before the start', version('ClientChanged', 15, { tag: 'old' })],
  ])('is told nothing of a change %s', (_, changed) => {
    const given = { mailing: filteredBy({ tags: ['news'] }), client: client(registered, changed) };
    expect(told(given).flat()).not.toContain('changed-since-start');
  });

  test('is judged by its last event before the start', () => {
    const changed = version('ClientChanged', 20, { tag: 'news' });
    const given = { mailing: filteredBy({ tags: ['vip'] }), client: client(registered, changed) };
    expect(told(given)).toEqual(['not-addressed', tag, ['client-at-start', 'ClientChanged', 20]]);
  });

  test('is told that it was registered later', () => {
    const given = { client: client(version('ClientRegistered', 21)) };
    expect(told(given)).toEqual(['not-addressed', ['registered-after-start', 'ClientRegistered', 21], fixed]);
  });

  test('is told that none of its events could be folded', () => {
    expect(told({ client: client() })).toEqual(['not-addressed', fixed]);
  });

  test('is told that it had been removed, whatever the filter', () => {
    for (const filter of [{ tags: ['news'] }, { everyone: true } as const]) {
      const given = {
        mailing: filteredBy(filter),
        client: client(registered, version('ClientRemoved', 12)),
      };
      expect(told(given)).toEqual(['not-addressed', ['removed-before-start', 'ClientRemoved', 12], fixed]);
    }
  });

  test('is told so also while the rest is planned, and after the end and a deletion', () => {
    const started_ = started({ tags: ['news'] });
    for (const given of [
      mailing({ started: started_, plan: { kind: 'incomplete' } }),
      mailing({ started: started_, status: 'expired', expired: source('MailingExpired', 90) }),
      mailing({ started: started_, status: 'deleted', deleted: source('MailingDeleted', 90) }),
    ])
      expect(told({ mailing: given })[0]).toBe('not-addressed');
  });

  test('is not told a thousand codes', () => {
    const operatorCodes = Array.from({ length: 1_000 }, (_, index) => String(index).padStart(3, '0'));
    const given = { mailing: filteredBy({ operatorCodes: operatorCodes.filter((one) => one !== '916') }) };
    expect(textOf(given, 'operator-code-not-in-filter')).toMatch(/one of "000", .*"009" and 989 more\.$/);
  });
});

describe('a mailing that has not started', () => {
  const before = { started: null, plan: { kind: 'incomplete' } } as const;
  const END = source('MailingExpired', 15);

  test.each([
    ['is to come', { status: 'scheduled' }, ['mailing-scheduled', 'MailingCreated', 10]],
    [
      'was put off',
      { status: 'scheduled', settings: source('MailingChanged', 12) },
      ['mailing-scheduled', 'MailingChanged', 12],
    ],
    [
      'has an end that is past',
      { status: 'scheduled', endAt: NOON.toISOString() },
      ['ended-before-start', 'MailingCreated', 10],
    ],
    [
      'has ended before its start',
      { status: 'expired', expired: END },
      ['ended-before-start', 'MailingExpired', 15],
    ],
    [
      'was deleted before its start',
      { status: 'deleted', deleted: source('MailingDeleted', 14) },
      ['deleted-before-start', 'MailingDeleted', 14],
    ],
  ] as const)('%s', (_, given, reason) => {
    expect(told({ mailing: mailing({ ...before, ...given }) })).toEqual(['not-started', reason]);
  });

  test('says so whatever is not known of the client', () => {
    const given = {
      mailing: mailing({ ...before, status: 'scheduled' }),
      client: { ...client(), unfolded: source('ClientRegistered', 5) },
    };
    expect(told(given)[0]).toBe('not-started');
  });

  test.each(['running', 'paused', 'completed', 'expired', 'deleted'] as const)(
    'is not claimed of one that is %s, whose events could not be folded',
    (status) => {
      const bad = { ...source('', 20), event: null };
      expect(told({ mailing: mailing({ ...before, status }), unreadable: [bad] })).toEqual([
        'undetermined',
        ['record-unreadable', null, 20],
      ]);
    },
  );
});

describe('a client that is addressed and has no message', () => {
  const behind = 'statistics-behind';

  test('is being planned', () => {
    expect(told({ mailing: mailing({ plan: { kind: 'incomplete' } }) })).toEqual([
      'being-planned',
      ['plan-incomplete', 'MailingStarted', 20],
    ]);
  });

  test('is being planned, and is told of a deletion meanwhile', () => {
    const deleted = source('MailingDeleted', 22);
    const given = mailing({ status: 'deleted', deleted, plan: { kind: 'incomplete' } });
    expect(told({ mailing: given }).at(-1)).toEqual(['mailing-deleted', 'MailingDeleted', 22]);
  });

  test('may be in what is not folded yet', () => {
    const resolved = source('MailingAudienceResolved', 30);
    expect(told({ mailing: mailing({ plan: { kind: 'not-folded', resolved } }) })).toEqual([
      'undetermined',
      [behind, 'MailingAudienceResolved', 30],
    ]);
  });

  test('may be in what cannot be read: the first records of it are named', () => {
    const unreadable = Array.from({ length: 9 }, (_, index) => ({ ...source('', 21 + index), event: null }));
    for (const kind of ['not-folded', 'complete'] as const) {
      const plan = { kind, resolved: source('MailingAudienceResolved', 30) };
      expect(told({ mailing: mailing({ plan }), unreadable })).toEqual([
        'undetermined',
        ...[21, 22, 23, 24, 25].map((position) => ['record-unreadable', null, position]),
      ]);
    }
  });

  test('is not explained away', () => {
    expect(told({})).toEqual(['undetermined', ['message-missing', 'MailingAudienceResolved', 30]]);
  });

  test('is not judged by a client that is not folded up to the start', () => {
    const unfolded = source('ClientChanged', 18);
    const given = { mailing: filteredBy({ tags: ['news'] }), client: { ...client(registered), unfolded } };
    expect(told(given)).toEqual(['undetermined', [behind, 'ClientChanged', 18]]);
  });

  test('waits for statistics that have not met the mailing', () => {
    expect(told({ mailing: null })).toEqual(['undetermined', [behind, 'MailingAudienceResolved', 30]]);
  });
});
