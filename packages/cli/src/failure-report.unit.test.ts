import { expect, test } from 'vitest';
import { reportFailure, tellProblem } from './failure-report.ts';
import { InterruptedError, NotReachableError, RefusedError, WrongUseError } from './failures.ts';

const problem = (changes: object) => ({ title: 'The request does not fit', status: 422, ...changes });

test('a refusal names the field once, as people write it', () => {
  const errors = [{ path: '/localWindow/to', message: 'must differ from `from`' }];
  const detail = '/localWindow/to must differ from `from`';
  expect(tellProblem(problem({ code: 'validation-failed', detail, errors }))).toEqual([
    'The request does not fit: localWindow.to must differ from `from` (validation-failed).',
  ]);
});

test('a detail that says more than the field is told, too', () => {
  const errors = [{ path: '/timezone', message: 'is neither an IANA name nor an offset' }];
  expect(tellProblem(problem({ detail: '"Mars" is no time zone.', errors }))).toEqual([
    'The request does not fit: "Mars" is no time zone: timezone is neither an IANA name nor an offset.',
  ]);
});

test.each([
  ['endAt must be after startAt.', 'must be after startAt', 'endAt must be after startAt'],
  ['endAt cannot change: the mailing is over.', 'cannot change when over', 'endAt cannot change when over'],
])('a detail that names the field is not told beside it: %s', (detail, message, told) => {
  const errors = [{ path: '/endAt', message }];
  expect(tellProblem(problem({ detail, errors }))).toEqual([`The request does not fit: ${told}.`]);
});

test('several faults get a line each', () => {
  const errors = [
    { path: '/phone', message: 'must be 7 followed by ten digits' },
    { path: '/timezone', message: 'is missing' },
  ];
  expect(tellProblem(problem({ code: 'validation-failed', detail: '/phone must …', errors }))).toEqual([
    'The request does not fit (validation-failed).',
    '  phone must be 7 followed by ten digits',
    '  timezone is missing',
  ]);
});

test('a refusal without fields says its detail', () => {
  expect(tellProblem(problem({ title: 'The mailing is over', detail: 'It is completed.' }))).toEqual([
    'The mailing is over: It is completed.',
  ]);
  const again = problem({
    title: 'There is no such thing',
    detail: 'There is no such thing, or an old one.',
  });
  expect(tellProblem(again)).toEqual(['There is no such thing, or an old one.']);
});

test('each kind of failure has its exit code and its document', () => {
  const refused = problem({ code: 'mailing-over' });
  expect(reportFailure(new RefusedError(refused))).toMatchObject({
    exitCode: 1,
    document: { error: refused },
  });
  expect(reportFailure(new WrongUseError('no'))).toMatchObject({
    exitCode: 2,
    document: { error: { code: 'wrong-use', detail: 'no' } },
  });
  expect(reportFailure(new NotReachableError('refused', 'away'))).toMatchObject({
    exitCode: 3,
    document: { error: { code: 'not-reachable', detail: 'away' } },
  });
  expect(reportFailure(new InterruptedError('SIGINT', 130))).toMatchObject({ exitCode: 130 });
  expect(reportFailure(new TypeError('a bug'))).toMatchObject({ exitCode: 1 });
});
