import { type Refusal, refusal } from '@herald/contracts';
import { expect, test } from 'vitest';
import { refusalProblem } from './refusal-problem.ts';

const CLIENT_ID = '6f6fb0a5-1c1a-4b1e-9a63-5d2f2a9f4a11';

const cases: ReadonlyArray<readonly [Refusal, number, object]> = [
  [{ code: 'client-not-found' }, 404, {}],
  [{ code: 'mailing-not-found' }, 404, {}],
  [{ code: 'phone-taken', clientId: CLIENT_ID }, 409, { clientId: CLIENT_ID }],
  [{ code: 'mailing-over', status: 'completed' }, 409, { mailingStatus: 'completed' }],
  [{ code: 'mailing-field-locked', field: 'filter', status: 'running' }, 409, { mailingStatus: 'running' }],
  [{ code: 'mailing-not-running', status: 'scheduled' }, 409, { mailingStatus: 'scheduled' }],
  [{ code: 'mailing-not-paused', status: 'running' }, 409, { mailingStatus: 'running' }],
  [{ code: 'version-mismatch', version: 7 }, 412, { version: 7 }],
  [
    { code: 'timezone-invalid', timezone: 'x' },
    422,
    { errors: [{ path: '/timezone', message: expect.any(String) }] },
  ],
  [
    { code: 'label-invalid', field: 'tag', reason: 'why' },
    422,
    { errors: [{ path: '/tag', message: 'why' }] },
  ],
  [
    { code: 'mailing-end-not-after-start' },
    422,
    { errors: [{ path: '/endAt', message: expect.any(String) }] },
  ],
  [{ code: 'mailing-end-in-past' }, 422, { errors: [{ path: '/endAt', message: expect.any(String) }] }],
  [{ code: 'command-malformed', reason: 'why' }, 422, { detail: 'why' }],
];

test.each(cases)('%o is answered %i', (given, status, extensions) => {
  const problem = refusalProblem(given);
  expect(problem).toMatchObject({ status, code: given.code, ...extensions });
  expect(problem.type).toBe(`urn:herald:problem:${given.code}`);
});

test('every refusal of the catalogue has its case here', () => {
  const codes = refusal.options.map((option) => option.shape.code.value);
  expect(cases.map(([given]) => given.code).toSorted()).toEqual(codes.toSorted());
});
