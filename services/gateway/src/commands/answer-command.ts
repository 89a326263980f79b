import type { CommandOutcome } from '@herald/contracts';
import { API } from '../http/route.ts';
import { answerProblem, makeProblem } from '../problems/problem.ts';
import { refusalProblem } from '../problems/refusal-problem.ts';
import { presentMailing } from '../schemas/mailing.ts';
import type { CommandAnswer } from './send-command.ts';

/** Where what became of a command can be asked. */
export const commandLocation = (commandId: string): string => `${API}/commands/${commandId}`;

/** An entity as an answer, with its version as `ETag`. */
export const answerEntity = (
  entity: { version: number },
  status = 200,
  headers: Record<string, string> = {},
): Response => Response.json(entity, { status, headers: { ETag: `"${entity.version}"`, ...headers } });

/** What a command came to, in HTTP. `created`: the call makes something new, 201 with its `Location`. */
export function answerCommand(answer: CommandAnswer, commandId: string, created: boolean): Response {
  switch (answer.kind) {
    case 'outcome':
      return answerOutcome(answer.outcome, created);
    case 'key-reused':
      return answerProblem(
        makeProblem('idempotency-key-reused', 'Another call or body was sent under this Idempotency-Key.'),
      );
    case 'accepted':
      return answerAccepted(commandId);
    case 'log-full':
      return answerProblem(makeProblem('log-full', 'Nothing was accepted. Send it again later.'));
    case 'acceptance-unknown':
      return answerProblem(makeProblem('acceptance-unknown', UNKNOWN), {
        Location: commandLocation(commandId),
      });
    default:
      return answer satisfies never;
  }
}

const UNKNOWN =
  'The log did not acknowledge it in time. Send the same request again under the same Idempotency-Key, or ask at the Location.';

/** 202: it stands in the log and will be carried out; the location says what came of it. */
export const answerAccepted = (commandId: string): Response =>
  Response.json(
    { id: commandId, status: 'accepted' },
    { status: 202, headers: { Location: commandLocation(commandId) } },
  );

function answerOutcome(outcome: CommandOutcome, created: boolean): Response {
  switch (outcome.kind) {
    case 'client':
      return answerWritten('clients', outcome.client, created);
    case 'mailing': {
      const shown = presentMailing(outcome.mailing);
      return shown === null ? new Response(null, { status: 204 }) : answerWritten('mailings', shown, created);
    }
    case 'removed':
      return new Response(null, { status: 204 });
    case 'imported':
      return Response.json(outcome.summary);
    case 'refused':
      return answerProblem(refusalProblem(outcome.refusal));
    default:
      return outcome satisfies never;
  }
}

const answerWritten = (
  collection: 'clients' | 'mailings',
  entity: { id: string; version: number },
  created: boolean,
): Response =>
  created
    ? answerEntity(entity, 201, { Location: `${API}/${collection}/${entity.id}` })
    : answerEntity(entity);
