import { test } from 'vitest';
import {
  deleted,
  expectTold,
  inWindow,
  MORNING,
  NIGHT,
  over,
  paused,
  registered,
  type WhyCase,
} from '../../../test/why-cases.ts';
import {
  client,
  entry,
  mailing,
  message,
  retried,
  source,
  started,
  version,
} from '../../../test/why-facts.ts';

const endedExpired = (...before: ReturnType<typeof entry>[]) =>
  message('expired', [...before, entry('MessagesExpired', 91)]);

const cases: readonly WhyCase[] = [
  {
    title: 'an end that came before the provider took it, with its last words',
    given: {
      message: endedExpired(retried(50, 1, 'refused', 'status 503'), retried(51, 2, 'refused', 'status 500')),
      mailing: mailing(over),
    },
    outcome: 'expired',
    reasons: [
      ['not-sent-in-time', 'MessagesExpired', 91],
      ['deadline-passed', 'MailingExpired', 90, /2026-03-01T21:00:00.000Z/],
      ['last-attempt', 'MessageRetried', 51, /Call 2 .*status 500/],
    ],
  },
  {
    title: 'an end that came before its turn',
    given: { message: endedExpired(), mailing: mailing(over) },
    outcome: 'expired',
    reasons: [
      ['not-sent-in-time', 'MessagesExpired', 91],
      ['deadline-passed', 'MailingExpired', 90],
    ],
  },
  {
    title: 'an end that came in a pause',
    given: { message: endedExpired(), mailing: mailing({ ...over, paused }) },
    outcome: 'expired',
    reasons: [
      ['not-sent-in-time', 'MessagesExpired', 91],
      ['deadline-passed', 'MailingExpired', 90],
      ['paused', 'MailingPaused', 60, /was paused when/],
    ],
  },
  {
    title: 'a window that was closed from the start to the end',
    given: { message: endedExpired(), mailing: inWindow(NIGHT, over) },
    outcome: 'expired',
    reasons: [
      ['not-sent-in-time', 'MessagesExpired', 91],
      ['deadline-passed', 'MailingExpired', 90],
      ['window-never-open', 'MailingCreated', 10, /from 22:00 to 23:00 in UTC/],
    ],
  },
  {
    title: 'a window is not blamed where there were calls all the same',
    given: {
      message: endedExpired(retried(50, 1, 'refused', 'status 503')),
      mailing: inWindow(NIGHT, over),
    },
    outcome: 'expired',
    reasons: [
      ['not-sent-in-time', 'MessagesExpired', 91],
      ['deadline-passed', 'MailingExpired', 90],
      ['last-attempt', 'MessageRetried', 50],
    ],
  },
  ...[
    ['a window that was open for an hour', inWindow(MORNING, over), registered, 'UTC'],
    [
      'a window that was changed after the start',
      mailing({
        ...over,
        localWindow: NIGHT,
        settings: source('MailingChanged', 50),
        started: started({ everyone: true }, MORNING),
      }),
      registered,
      'UTC',
    ],
    [
      'a window that was open in the newest zone of the client',
      inWindow(NIGHT, over),
      version('ClientChanged', 40, { timezone: 'Asia/Tokyo' }),
      'UTC',
    ],
    ['a window that was open in the zone at the start', inWindow(NIGHT, over), registered, 'Asia/Tokyo'],
    ['a window in a zone that cannot be read', inWindow(NIGHT, over), registered, 'IST'],
  ].map(
    ([title, itsMailing, newest, zone]): WhyCase => ({
      title: `is not blamed: ${title}`,
      given: {
        message: { ...endedExpired(), timezone: zone as string },
        mailing: itsMailing as ReturnType<typeof mailing>,
        client: client(registered, newest as typeof registered),
      },
      outcome: 'expired',
      reasons: [
        ['not-sent-in-time', 'MessagesExpired', 91],
        ['deadline-passed', 'MailingExpired', 90],
      ],
    }),
  ),
  {
    title: 'a deletion before it was sent',
    given: {
      message: message('cancelled', [
        retried(50, 1, 'refused', 'status 503'),
        entry('MessagesCancelled', 81),
      ]),
      mailing: mailing({ status: 'deleted', deleted }),
    },
    outcome: 'cancelled',
    reasons: [
      ['cancelled', 'MessagesCancelled', 81],
      ['mailing-deleted', 'MailingDeleted', 80],
      ['last-attempt', 'MessageRetried', 50],
    ],
  },
];

test.each(cases)('$title', expectTold);
