import type { Refusal } from '@herald/contracts';
import { makeProblem, type Problem } from './problem.ts';

/** What a refusal of the mailing service means in HTTP. */
export function refusalProblem(refusal: Refusal): Problem {
  switch (refusal.code) {
    case 'client-not-found':
      return makeProblem(refusal.code, 'No client has this id, or it was removed.');
    case 'mailing-not-found':
      return makeProblem(refusal.code, 'No mailing has this id, or it was deleted.');
    case 'phone-taken':
      return makeProblem(refusal.code, `Client ${refusal.clientId} has this phone.`, {
        clientId: refusal.clientId,
      });
    case 'timezone-invalid':
      return makeProblem(refusal.code, `${JSON.stringify(refusal.timezone)} is no time zone.`, {
        errors: [{ path: '/timezone', message: 'is neither an IANA name nor an offset' }],
      });
    case 'label-invalid':
      return makeProblem(refusal.code, `${refusal.field} ${refusal.reason}.`, {
        errors: [{ path: `/${refusal.field}`, message: refusal.reason }],
      });
    case 'version-mismatch':
      return makeProblem(refusal.code, `It is at version ${refusal.version}.`, { version: refusal.version });
    case 'mailing-end-not-after-start':
      return makeProblem(refusal.code, 'endAt must be after startAt.', {
        errors: [{ path: '/endAt', message: 'must be after startAt' }],
      });
    case 'mailing-end-in-past':
      return makeProblem(refusal.code, 'endAt must not have passed yet.', {
        errors: [{ path: '/endAt', message: 'is already past' }],
      });
    case 'mailing-over':
      return makeProblem(
        refusal.code,
        `It is ${refusal.status} or its end has come: it cannot change any more.`,
        {
          mailingStatus: refusal.status,
        },
      );
    case 'mailing-field-locked':
      return makeProblem(refusal.code, `${refusal.field} cannot change: the mailing is ${refusal.status}.`, {
        mailingStatus: refusal.status,
        errors: [{ path: `/${refusal.field}`, message: `cannot change while ${refusal.status}` }],
      });
    case 'mailing-not-running':
      return makeProblem(
        refusal.code,
        `Only a running mailing can be paused; this one is ${refusal.status}.`,
        {
          mailingStatus: refusal.status,
        },
      );
    case 'mailing-not-paused':
      return makeProblem(
        refusal.code,
        `Only a paused mailing can be resumed; this one is ${refusal.status}.`,
        {
          mailingStatus: refusal.status,
        },
      );
    case 'command-malformed':
      return makeProblem(refusal.code, refusal.reason);
    default:
      return refusal satisfies never;
  }
}
