import { expect, test } from 'vitest';
import {
  client,
  entry,
  facts,
  mailing,
  message,
  NOON,
  retried,
  source,
  started,
  version,
} from '../../../test/why-facts.ts';
import { explain } from './explain.ts';
import type { Facts } from './facts.ts';

const registered = version('ClientRegistered', 5);
const removed = version('ClientRemoved', 40);
const call = { attempt: 2, durationMs: 12, statusCode: 200 };
const expired = source('MailingExpired', 90);
const deleted = source('MailingDeleted', 80);
const paused = source('MailingPaused', 60);
const NIGHT = { from: '22:00', to: '23:00' };
const MORNING = { from: '09:00', to: '10:00' };
const AFTERNOON = { from: '13:00', to: '18:00' };
const inWindow = (window: typeof NIGHT, given: object = {}) =>
  mailing({ localWindow: window, started: started({ everyone: true }, window), ...given });

interface Case {
  readonly title: string;
  readonly given: Partial<Facts>;
  readonly outcome: string;
  /** Code, event, position, and a word of the text. */
  readonly reasons: readonly (readonly [string, string | null, number, RegExp?])[];
}

const sent = message('sent', [retried(50, 1, 'lost', 'timeout'), entry('MessageSent', 51, call)]);
const endedExpired = (...before: ReturnType<typeof entry>[]) =>
  message('expired', [...before, entry('MessagesExpired', 91)]);
const over = { status: 'expired', expired } as const;

const cases: readonly Case[] = [
  {
    title: 'what the provider took is sent',
    given: { message: sent },
    outcome: 'sent',
    reasons: [['sent', 'MessageSent', 51, /call 2/]],
  },
  {
    title: 'what was sent stays sent, whatever became of the client and the mailing',
    given: {
      message: sent,
      client: client(registered, version('ClientChanged', 39, { tag: 'other' }), removed),
      mailing: mailing({ status: 'deleted', deleted, started: started({ tags: ['none'] }) }),
    },
    outcome: 'sent',
    reasons: [['sent', 'MessageSent', 51]],
  },
  {
    title: 'what was sent is told also where the statistics have not met the mailing yet',
    given: { message: sent, mailing: null },
    outcome: 'sent',
    reasons: [['sent', 'MessageSent', 51]],
  },
  {
    title: 'a refusal has the words of the provider',
    given: {
      message: message('failed', [
        entry('MessageFailed', 52, { attempt: 3, durationMs: 9, error: 'code 5: no such number' }),
      ]),
    },
    outcome: 'failed',
    reasons: [['refused', 'MessageFailed', 52, /call 3: code 5: no such number/]],
  },
  {
    title: 'a client that was removed before the call',
    given: {
      message: message('failed', [entry('MessageFailed', 52, { attempt: 0, error: 'client-removed' })]),
      client: client(registered, removed),
    },
    outcome: 'failed',
    reasons: [
      ['client-removed', 'MessageFailed', 52],
      ['removed-before-call', 'ClientRemoved', 40],
    ],
  },
  {
    title: 'a removal that the statistics have not met',
    given: {
      message: message('failed', [entry('MessageFailed', 52, { attempt: 0, error: 'client-removed' })]),
    },
    outcome: 'failed',
    reasons: [['client-removed', 'MessageFailed', 52]],
  },
  {
    title: 'a zone in which no window can be read',
    given: {
      message: message('failed', [entry('MessageFailed', 52, { attempt: 0, error: 'time-zone-unknown' })]),
      client: client(version('ClientRegistered', 5, { timezone: 'IST' })),
    },
    outcome: 'failed',
    reasons: [
      ['time-zone-unknown', 'MessageFailed', 52],
      ['time-zone-unknown', 'ClientRegistered', 5, /"IST"/],
    ],
  },
  {
    title: 'a zone that was mended since',
    given: {
      message: message('failed', [entry('MessageFailed', 52, { attempt: 0, error: 'time-zone-unknown' })]),
      client: client(version('ClientRegistered', 5, { timezone: 'IST' }), version('ClientChanged', 60)),
    },
    outcome: 'failed',
    reasons: [['time-zone-unknown', 'MessageFailed', 52]],
  },
  {
    title: 'an error of the sender about the message',
    given: {
      message: message('failed', [
        entry('MessageUndecided', 50, { attempt: 0, error: 'undecidable: TypeError' }),
        entry('MessageUndecided', 51, { attempt: 0, error: 'undecidable: TypeError' }),
        entry('MessageFailed', 52, { attempt: 0, error: 'undecidable: TypeError' }),
      ]),
    },
    outcome: 'failed',
    reasons: [['undecidable', 'MessageFailed', 52, /3 times: undecidable: TypeError/]],
  },
  {
    title: 'an answer that was lost, at a provider that does not honour the id',
    given: {
      message: message('unknown', [
        entry('MessageUnknown', 52, { attempt: 1, durationMs: 5_000, error: 'timeout' }),
      ]),
    },
    outcome: 'unknown',
    reasons: [['answer-lost', 'MessageUnknown', 52, /call 1 was lost, and it is not repeated: timeout/]],
  },
  {
    title: 'an answer that was lost until the end',
    given: {
      message: message('unknown', [
        retried(50, 1, 'lost', 'reset'),
        retried(51, 2, 'refused', 'status 503'),
        entry('MessageUnknown', 91, { attempt: 2, error: 'answer-lost' }),
      ]),
      mailing: mailing(over),
    },
    outcome: 'unknown',
    reasons: [
      ['answer-lost', 'MessageUnknown', 91, /not known/],
      ['answer-lost', 'MessageRetried', 50, /call 1 was lost: reset/],
      ['deadline-passed', 'MailingExpired', 90],
    ],
  },
  {
    title: 'an answer that was lost until the mailing was deleted',
    given: {
      message: message('unknown', [
        retried(50, 1, 'lost', 'reset'),
        entry('MessageUnknown', 91, { attempt: 1, error: 'answer-lost' }),
      ]),
      mailing: mailing({ status: 'deleted', deleted }),
    },
    outcome: 'unknown',
    reasons: [
      ['answer-lost', 'MessageUnknown', 91],
      ['answer-lost', 'MessageRetried', 50],
      ['mailing-deleted', 'MailingDeleted', 80],
    ],
  },
  {
    title: 'an answer that was lost, and a refusal of the token after it',
    given: {
      message: message('unknown', [
        retried(50, 1, 'lost', 'reset'),
        entry('MessageUnknown', 91, { attempt: 2, durationMs: 3, statusCode: 401, error: 'status 401' }),
      ]),
    },
    outcome: 'unknown',
    reasons: [
      ['answer-lost', 'MessageUnknown', 91, /Call 2 .* status 401/],
      ['answer-lost', 'MessageRetried', 50],
    ],
  },
  {
    title: 'a call that broke by an error of the sender',
    given: {
      message: message('unknown', [
        entry('MessageUnknown', 52, { attempt: 1, error: 'undecidable: Error: poison' }),
      ]),
    },
    outcome: 'unknown',
    reasons: [['undecidable', 'MessageUnknown', 52, /poison/]],
  },
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
    ([title, itsMailing, newest, zone]): Case => ({
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
  {
    title: 'an end whose record cannot be read any more',
    given: { message: { ...message('sent'), position: 51 } },
    outcome: 'sent',
    reasons: [['record-unreadable', null, 51]],
  },
];

test.each(cases)('$title', ({ given, outcome, reasons }) => {
  const decision = explain(facts(given));
  expect(decision.outcome).toBe(outcome);
  expect(decision.reasons.map(({ code, event, position }) => [code, event, position])).toEqual(
    reasons.map(([code, event, position]) => [code, event, position]),
  );
  for (const [index, [, , , words]] of reasons.entries())
    if (words !== undefined) expect(decision.reasons[index]?.text).toMatch(words);
});
