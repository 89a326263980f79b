import { test } from 'vitest';
import { deleted, expectTold, over, registered, removed, type WhyCase } from '../../../test/why-cases.ts';
import { client, entry, mailing, message, retried, started, version } from '../../../test/why-facts.ts';

const call = { attempt: 2, durationMs: 12, statusCode: 200 };
const sent = message('sent', [retried(50, 1, 'lost', 'timeout'), entry('MessageSent', 51, call)]);

const cases: readonly WhyCase[] = [
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
    title: 'an end whose record cannot be read any more',
    given: { message: { ...message('sent'), position: 51 } },
    outcome: 'sent',
    reasons: [['record-unreadable', null, 51]],
  },
];

test.each(cases)('$title', expectTold);
