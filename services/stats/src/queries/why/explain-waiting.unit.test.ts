import { test } from 'vitest';
import {
  AFTERNOON,
  deleted,
  expectTold,
  inWindow,
  MORNING,
  over,
  paused,
  registered,
  removed,
  type WhyCase,
} from '../../../test/why-cases.ts';
import { client, entry, mailing, message, NOON, retried, source, version } from '../../../test/why-facts.ts';

const cases: readonly WhyCase[] = [
  {
    title: 'a message that waits for nothing but its turn',
    given: { message: message('queued') },
    outcome: 'queued',
    reasons: [['queued', 'MessagesQueued', 25]],
  },
  {
    title: 'a message that waits after a call',
    given: { message: message('queued', [retried(50, 1, 'lost', 'timeout')]) },
    outcome: 'queued',
    reasons: [
      ['queued', 'MessagesQueued', 25],
      ['last-attempt', 'MessageRetried', 50, /timeout \(its answer was lost\)/],
    ],
  },
  {
    title: 'a message that could not be decided yet',
    given: {
      message: message('queued', [entry('MessageUndecided', 50, { attempt: 0, error: 'undecidable: x' })]),
    },
    outcome: 'queued',
    reasons: [
      ['queued', 'MessagesQueued', 25],
      ['last-attempt', 'MessageUndecided', 50, /undecidable: x/],
    ],
  },
  {
    title: 'a pause, and a window that is closed besides',
    given: {
      message: message('queued'),
      mailing: inWindow(AFTERNOON, { status: 'paused', paused }),
    },
    outcome: 'queued',
    reasons: [
      ['queued', 'MessagesQueued', 25],
      ['paused', 'MailingPaused', 60],
      ['window-closed', 'MailingCreated', 10, /opens at 2026-03-01T13:00:00.000Z/],
    ],
  },
  {
    title: 'a window that a change has set, in the newest zone of the client',
    given: {
      message: message('queued'),
      mailing: inWindow(AFTERNOON, { settings: source('MailingChanged', 50) }),
      client: client(registered, version('ClientChanged', 40, { timezone: 'America/New_York' })),
    },
    outcome: 'queued',
    reasons: [
      ['queued', 'MessagesQueued', 25],
      ['window-closed', 'MailingChanged', 50, /in America\/New_York opens at 2026-03-01T18:00:00.000Z/],
    ],
  },
  {
    title: 'a window that does not open again',
    given: { message: message('queued'), mailing: inWindow(MORNING) },
    outcome: 'queued',
    reasons: [
      ['queued', 'MessagesQueued', 25],
      ['window-closed', 'MailingCreated', 10, /does not open again before the end/],
    ],
  },
  {
    title: 'a window that is open',
    given: { message: message('queued', [], 'UTC'), mailing: inWindow({ from: '11:00', to: '13:00' }) },
    outcome: 'queued',
    reasons: [['queued', 'MessagesQueued', 25]],
  },
  {
    title: 'a window, of a client that the statistics have not met',
    given: {
      message: message('queued', [], 'America/New_York'),
      mailing: inWindow({ from: '11:00', to: '13:00' }),
      client: client(),
    },
    outcome: 'queued',
    reasons: [
      ['queued', 'MessagesQueued', 25],
      ['window-closed', 'MailingCreated', 10, /in America\/New_York/],
    ],
  },
  {
    title: 'a window, in a zone that cannot be read',
    given: {
      message: message('queued'),
      mailing: inWindow(AFTERNOON),
      client: client(version('ClientRegistered', 5, { timezone: 'IST' })),
    },
    outcome: 'queued',
    reasons: [
      ['queued', 'MessagesQueued', 25],
      ['time-zone-unknown', 'ClientRegistered', 5, /IST/],
    ],
  },
  {
    title: 'a client that was removed while its message waits',
    given: {
      message: message('queued'),
      client: client(registered, removed),
      mailing: mailing({ status: 'paused', paused }),
    },
    outcome: 'queued',
    reasons: [
      ['queued', 'MessagesQueued', 25],
      ['removed-before-call', 'ClientRemoved', 40],
    ],
  },
  {
    title: 'a mailing that was deleted a moment ago',
    given: { message: message('queued'), mailing: mailing({ status: 'deleted', deleted }) },
    outcome: 'queued',
    reasons: [
      ['queued', 'MessagesQueued', 25],
      ['mailing-deleted', 'MailingDeleted', 80],
    ],
  },
  {
    title: 'a mailing that ended a moment ago',
    given: { message: message('queued'), mailing: mailing(over) },
    outcome: 'queued',
    reasons: [
      ['queued', 'MessagesQueued', 25],
      ['deadline-passed', 'MailingExpired', 90],
    ],
  },
  {
    title: 'an end that has come by the clock alone',
    given: { message: message('queued'), mailing: mailing({ endAt: NOON.toISOString() }) },
    outcome: 'queued',
    reasons: [
      ['queued', 'MessagesQueued', 25],
      ['deadline-passed', 'MailingCreated', 10],
    ],
  },
  {
    title: 'a message that waits in a mailing that the statistics have not met yet',
    given: { message: message('queued'), mailing: null },
    outcome: 'queued',
    reasons: [['queued', 'MessagesQueued', 25]],
  },
];

test.each(cases)('$title', expectTold);
