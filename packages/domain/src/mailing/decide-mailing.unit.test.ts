import { describe, expect, test } from 'vitest';
import { change, event, given, id, type MailingCommand, mailingId } from '../../test/mailing-decisions.ts';
import {
  AT_END,
  aMailing,
  BEFORE,
  DURING,
  END,
  LAST_MOMENT,
  mailingState,
  START,
} from '../../test/states.ts';
import { decideMailing } from './decide-mailing.ts';

describe('creating a mailing', () => {
  const data = {
    mailingId,
    name: null,
    text: 'hello',
    startAt: START,
    endAt: END,
    filter: { everyone: true as const },
    localWindow: { from: '09:00', to: '21:00' },
    rateLimit: 12.5,
    priority: 8,
  };
  const create = (more: Partial<typeof data> = {}): MailingCommand => ({
    type: 'CreateMailing',
    id,
    data: { ...data, ...more },
  });

  test('schedules it under version 1, also where its start has passed already', () => {
    for (const now of [BEFORE, DURING, LAST_MOMENT]) {
      const createdAt = now.toISOString();
      const { mailingId: _id, ...attributes } = data;
      const nothingYet = { startedAt: null, endedAt: null, settledAt: null, audience: null };
      given(null)
        .when(create(), now)
        .yields({
          type: 'MailingCreated',
          data: {
            mailing: {
              id: mailingId,
              ...attributes,
              status: 'scheduled',
              version: 1,
              createdAt,
              updatedAt: createdAt,
              ...nothingYet,
            },
            recentCommands: [id],
          },
        });
    }
  });

  test('refuses an end at its start or before it', () => {
    for (const endAt of [START, BEFORE.toISOString()]) {
      given(null).when(create({ endAt }), BEFORE).refused({ code: 'mailing-end-not-after-start' });
    }
  });

  test('writes its labels the one way there is, whoever wrote the command', () => {
    const labels = { name: ' Cafe\u0301', filter: { tags: ['vip\u00a0', ''] } };
    const command = { type: 'CreateMailing', id, data: { ...data, ...labels } } as const;
    expect(decideMailing(null, command, BEFORE)).toMatchObject({
      event: { data: { mailing: { name: 'Caf\u00e9', filter: { tags: ['vip', ''] } } } },
    });
  });

  test('refuses labels that look like others', () => {
    const reason = expect.stringContaining('invisible');
    const command = { type: 'CreateMailing', id, data: { ...data, name: 'v\u200bip' } } as const;
    given(null).when(command, BEFORE).refused({ code: 'label-invalid', field: 'name', reason });
    given(mailingState('scheduled'))
      .when(change({ filter: { tags: ['a', '\u200bb'] } }), BEFORE)
      .refused({ code: 'label-invalid', field: 'filter/tags/1', reason });
  });

  test('refuses an end that has come', () => {
    given(null).when(create(), AT_END).refused({ code: 'mailing-end-in-past' });
  });
});

describe('changing a mailing', () => {
  test('before its start may change everything', () => {
    const changes = {
      name: 'summer',
      text: 'hi',
      startAt: '2026-03-02T12:00:00.000Z',
      endAt: '2026-03-02T18:00:00.000Z',
      filter: { tags: ['vip'] },
      localWindow: { from: '10:00', to: '11:00' },
      rateLimit: 0.1,
      priority: 1,
    };
    given(mailingState('scheduled'))
      .when(change(changes), BEFORE)
      .yields(event('MailingChanged', aMailing('scheduled'), changes, BEFORE));
  });

  test('takes away what is null and leaves alone what is absent', () => {
    const before = { localWindow: { from: '10:00', to: '11:00' } };
    given(mailingState('scheduled', before))
      .when(change({ name: null, localWindow: null, text: undefined }), BEFORE)
      .yields(event('MailingChanged', aMailing('scheduled'), { name: null, localWindow: null }, BEFORE));
  });

  test('a rate limit of null is none, a priority of null the default', () => {
    given(mailingState('running', { rateLimit: 10, priority: 9 }))
      .when(change({ rateLimit: null, priority: null }), DURING)
      .yields(event('MailingChanged', aMailing('running'), { rateLimit: null, priority: 5 }, DURING));
    given(mailingState('running', { rateLimit: 10, priority: 9 }))
      .when(change({ text: 'hi' }), DURING)
      .yields(
        event('MailingChanged', aMailing('running', { rateLimit: 10, priority: 9 }), { text: 'hi' }, DURING),
      );
  });

  test.each(['running', 'paused'] as const)(
    'while it is %s only what is still to be sent may change',
    (status) => {
      const changes = {
        ...{ name: 'x', text: 'hi', endAt: LAST_MOMENT.toISOString(), localWindow: null },
        ...{ rateLimit: 0.5, priority: 9 },
      };
      given(mailingState(status))
        .when(change(changes), DURING)
        .yields(event('MailingChanged', aMailing(status), changes, DURING));
      const locked = [
        ['startAt', { startAt: START }],
        ['filter', { filter: { everyone: true } }],
      ] as const;
      for (const [field, refused] of locked) {
        given(mailingState(status))
          .when(change({ text: 'hi', ...refused }), DURING)
          .refused({ code: 'mailing-field-locked', field, status });
      }
    },
  );

  test('refuses an end that has come, or one at the start', () => {
    given(mailingState('running'))
      .when(change({ endAt: DURING.toISOString() }), DURING)
      .refused({ code: 'mailing-end-in-past' });
    given(mailingState('scheduled'))
      .when(change({ endAt: START }), BEFORE)
      .refused({ code: 'mailing-end-not-after-start' });
    given(mailingState('scheduled'))
      .when(change({ startAt: END }), BEFORE)
      .refused({ code: 'mailing-end-not-after-start' });
  });
});
