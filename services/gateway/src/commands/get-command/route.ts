import { type AcceptedNote, importQuery } from '@herald/contracts';
import { QueryUnavailableError } from '@herald/service-kit';
import { createRoute } from '@hono/zod-openapi';
import { totalOf } from '../../clients/import-clients/import-total.ts';
import type { GatewayApp, GatewayDependencies } from '../../http/context.ts';
import { API, json, problems, serveRoute } from '../../http/route.ts';
import { answerProblem, makeProblem } from '../../problems/problem.ts';
import { askService } from '../../reading/reach-broker.ts';
import { type CommandState, commandState } from '../../schemas/command.ts';
import { idParameter } from '../../schemas/parameters.ts';
import { findNote } from '../accepted-note.ts';
import { askForResult } from '../pending-result.ts';
import { findCommand } from './find-command.ts';
import { stateOfOutcome } from './state-of-outcome.ts';

const route = createRoute({
  method: 'get',
  path: `${API}/commands/{id}`,
  tags: ['Commands'],
  summary: 'Ask what became of a write that was answered 202',
  request: { params: idParameter },
  responses: {
    200: json('`done` with the entity, `refused` with the problem, or still `accepted`', commandState),
    ...problems(404, 422),
  },
});

export function serveGetCommand(app: GatewayApp, dependencies: GatewayDependencies): void {
  serveRoute(app, route, dependencies.bodies, async (context) => {
    const { id } = context.req.valid('param');
    const note = await findNote(dependencies.broker, id);
    const state = await stateOf(dependencies, id, note);
    if (state === null)
      return answerProblem(makeProblem('command-not-found', 'No write was accepted as this.'));
    return Response.json(state);
  });
}

function stateOf(
  dependencies: GatewayDependencies,
  id: string,
  note: AcceptedNote | null,
): Promise<CommandState | null> {
  switch (note?.kind) {
    case undefined:
    case 'command':
      return stateOfCommand(dependencies, id, note ?? null);
    case 'import-begun':
      return stateOfBegunImport(dependencies, id);
    case 'import':
      return stateOfImport(dependencies, id, note);
    default:
      return note satisfies never;
  }
}

async function stateOfCommand(
  dependencies: GatewayDependencies,
  id: string,
  note: Extract<AcceptedNote, { kind: 'command' }> | null,
): Promise<CommandState | null> {
  // First the stream: a command leaves it only after its result stands in the log or was stored, and so is found in one of both.
  const isAccepted = note !== null && (await isInLog(dependencies, id, note.unsureOn));
  const subject = note?.subject;
  const question = { commandId: id, ...(subject === undefined ? {} : { subject }) };
  const result = await unlessAway(isAccepted, () => askForResult(dependencies, question));
  if (result !== null) return { id, ...stateOfOutcome(result.outcome) };
  return isAccepted ? { id, status: 'accepted' } : null;
}

/** Where it was never acknowledged it is looked for on its subject. */
const isInLog = async (
  dependencies: GatewayDependencies,
  id: string,
  unsureOn: string | undefined,
): Promise<boolean> => unsureOn === undefined || findCommand(dependencies.broker, unsureOn, id);

/** It broke off, or is under way: how many lines it has nobody can say. */
async function stateOfBegunImport(dependencies: GatewayDependencies, id: string): Promise<CommandState> {
  const soFar = await unlessAway(true, () => askService(dependencies, importQuery, { importId: id }));
  if (soFar === null) return { id, status: 'accepted' };
  const { registered, updated, rejected } = soFar.summary;
  const result = { received: registered + updated + rejected, ...soFar.summary };
  return { id, status: 'accepted', result };
}

type ImportNote = Extract<AcceptedNote, { kind: 'import' }>;

async function stateOfImport(
  dependencies: GatewayDependencies,
  id: string,
  note: ImportNote,
): Promise<CommandState> {
  const soFar = await unlessAway(true, () => askService(dependencies, importQuery, { importId: id }));
  if (soFar === null) return { id, status: 'accepted' };
  const status = soFar.chunksDone >= note.chunks ? 'done' : 'accepted';
  return { id, status, result: totalOf(note, soFar.summary) };
}

/** The answer of the mailing service; `null` where it is away but we know ourselves that the command was accepted. */
async function unlessAway<Answer>(
  knownOtherwise: boolean,
  ask: () => Promise<Answer>,
): Promise<Answer | null> {
  try {
    return await ask();
  } catch (error) {
    if (knownOtherwise && error instanceof QueryUnavailableError) return null;
    throw error;
  }
}
