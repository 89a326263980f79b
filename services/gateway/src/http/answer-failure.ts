import { QueryUnavailableError } from '@herald/service-kit';
import { HTTPException } from 'hono/http-exception';
import { answerProblem, makeProblem, ProblemError } from '../problems/problem.ts';
import { BrokerUnavailableError } from '../reading/reach-broker.ts';
import type { GatewayContext, GatewayDependencies } from './context.ts';

/** Turns what was thrown into a problem. What nobody expected is a bug: logged whole, answered without a word of it. */
export function answerFailure(
  error: unknown,
  context: GatewayContext,
  dependencies: GatewayDependencies,
): Response {
  const where = { correlationId: context.get('correlationId'), route: context.get('route') };
  if (error instanceof ProblemError) return answerProblem(error.problem, error.headers);
  if (error instanceof BrokerUnavailableError) {
    dependencies.log.warn({ reason: String(error.cause ?? error), ...where }, 'the broker does not answer');
    return answerProblem(makeProblem('broker-unavailable', 'Nothing was accepted; try again in a moment.'));
  }
  if (error instanceof QueryUnavailableError) {
    dependencies.log.warn(
      { reason: String(error.cause), query: error.subject, ...where },
      'a service does not answer',
    );
    const service = error.subject.split('.')[1] ?? 'other';
    return answerProblem(makeProblem('service-unavailable', `The ${service} service does not answer now.`));
  }
  if (error instanceof HTTPException) {
    // The library's own refusals, should one come before ours.
    const code = error.status === 415 ? 'content-type-unsupported' : 'request-malformed';
    return answerProblem(makeProblem(code, error.message));
  }
  if (context.req.raw.signal.aborted) {
    return answerProblem(makeProblem('request-aborted', 'The connection was closed.'));
  }
  dependencies.log.error({ err: error, ...where }, 'a request failed unexpectedly');
  const detail = `Look for correlation id ${context.get('correlationId')} in the logs.`;
  return answerProblem(makeProblem('internal-error', detail));
}
