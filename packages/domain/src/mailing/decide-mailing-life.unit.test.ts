import { describe, expect, test } from 'vitest';
import {
  change,
  event,
  given,
  type MailingCommand,
  pause,
  remove,
  resume,
} from '../../test/mailing-decisions.ts';
import { AT_END, aMailing, at, DURING, LAST_MOMENT, mailingState } from '../../test/states.ts';
import { decideMailing } from './decide-mailing.ts';

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
        .when(expecting as MailingCommand, AT_END)
        .refused(mismatch);
    }
  });
});
