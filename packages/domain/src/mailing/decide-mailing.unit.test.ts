import type { Mailing, MailingEvent } from '@herald/contracts';
import { describe, expect, test } from 'vitest';
import { specifying } from '../../test/decision-spec.ts';
import {
  AT_END,
  aMailing,
  at,
  BEFORE,
  commandId,
  DURING,
  EARLIER,
  END,
  LAST_MOMENT,
  mailingState,
  START,
} from '../../test/states.ts';
import { decideMailing } from './decide-mailing.ts';

type Command = Parameters<typeof decideMailing>[1];
type Changes = Extract<Command, { type: 'ChangeMailing' }>['data']['changes'];

const given = specifying(decideMailing);
const id = commandId('now');
const mailingId = aMailing('scheduled').id;

const change = (changes: Changes, expectedVersion?: number): Command => ({
  type: 'ChangeMailing',
  id,
  data: { mailingId, changes, expectedVersion },
});
const pause: Command = { type: 'PauseMailing', id, data: { mailingId } };
const resume: Command = { type: 'ResumeMailing', id, data: { mailingId } };
const remove: Command = { type: 'DeleteMailing', id, data: { mailingId } };

function event(
  type: MailingEvent['type'],
  before: Mailing,
  changes: Partial<Mailing>,
  now: Date,
): MailingEvent {
  const mailing = { ...before, ...changes, version: before.version + 1, updatedAt: now.toISOString() };
  return { type, data: { mailing, recentCommands: [EARLIER, id] } };
}

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
  const create = (more: Partial<typeof data> = {}): Command => ({
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

describe('pausing and resuming', () => {
  test('a running mailing can be paused up to its last moment', () => {
    for (const now of [DURING, LAST_MOMENT]) {
      given(mailingState('running'))
        .when(pause, now)
        .yields(event('MailingPaused', aMailing('running'), { status: 'paused' }, now));
    }
  });

  test('a paused mailing can be resumed up to its last moment', () => {
    for (const now of [DURING, LAST_MOMENT]) {
      given(mailingState('paused'))
        .when(resume, now)
        .yields(event('MailingResumed', aMailing('paused'), { status: 'running' }, now));
    }
  });

  test.each(['scheduled', 'paused', 'completed', 'expired'] as const)('%s is not running', (status) =>
    given(mailingState(status)).when(pause, DURING).refused({ code: 'mailing-not-running', status }),
  );

  test.each(['scheduled', 'running', 'completed', 'expired'] as const)('%s is not paused', (status) =>
    given(mailingState(status)).when(resume, DURING).refused({ code: 'mailing-not-paused', status }),
  );
});

describe('deleting a mailing', () => {
  test('that was never started leaves nothing to settle', () => {
    const now = DURING.toISOString();
    given(mailingState('scheduled'))
      .when(remove, DURING)
      .yields(
        event(
          'MailingDeleted',
          aMailing('scheduled'),
          { status: 'deleted', endedAt: now, settledAt: now },
          DURING,
        ),
      );
  });

  test.each(['running', 'paused'] as const)('that is %s leaves its messages to settle', (status) =>
    given(mailingState(status))
      .when(remove, DURING)
      .yields(
        event(
          'MailingDeleted',
          aMailing(status),
          { status: 'deleted', endedAt: DURING.toISOString() },
          DURING,
        ),
      ),
  );

  test.each(['completed', 'expired'] as const)('that is %s keeps when it ended', (status) => {
    const later = at('2026-03-02T00:00:00.000Z');
    given(mailingState(status))
      .when(remove, later)
      .yields(event('MailingDeleted', aMailing(status), { status: 'deleted' }, later));
  });
});

describe('from the end on, by the clock', () => {
  test.each(['scheduled', 'running', 'paused'] as const)(
    '%s is expired for every command, though nobody has said so yet',
    (status) => {
      const state = given(mailingState(status));
      state.when(change({ text: 'hi' }), AT_END).refused({ code: 'mailing-over', status: 'expired' });
      state.when(pause, AT_END).refused({ code: 'mailing-not-running', status: 'expired' });
      state.when(resume, AT_END).refused({ code: 'mailing-not-paused', status: 'expired' });
    },
  );

  test('an end that is moved on too late stays where it was', () => {
    given(mailingState('running'))
      .when(change({ endAt: '2026-04-01T00:00:00.000Z' }), AT_END)
      .refused({ code: 'mailing-over', status: 'expired' });
  });

  test('completed stays completed, before and after', () => {
    for (const now of [DURING, AT_END]) {
      given(mailingState('completed'))
        .when(change({ text: 'hi' }), now)
        .refused({ code: 'mailing-over', status: 'completed' });
    }
  });

  test('it can still be deleted', () => {
    const decision = decideMailing(mailingState('running'), remove, AT_END);
    expect(decision).toMatchObject({ kind: 'accepted', event: { type: 'MailingDeleted' } });
  });
});

describe('every command but the creation', () => {
  const commands = [change({}), pause, resume, remove];

  test('finds neither a mailing that never was nor a deleted one, whatever version is expected', () => {
    for (const state of [null, mailingState('deleted')]) {
      for (const command of commands)
        given(state).when(command, DURING).refused({ code: 'mailing-not-found' });
      given(state).when(change({}, 1), DURING).refused({ code: 'mailing-not-found' });
    }
  });

  test('refuses another version than the expected before anything else', () => {
    for (const command of commands) {
      const expecting = { ...command, data: { ...command.data, expectedVersion: 3 } };
      const mismatch = { code: 'version-mismatch', version: 4 } as const;
      given(mailingState('completed'))
        .when(expecting as Command, AT_END)
        .refused(mismatch);
    }
  });
});
