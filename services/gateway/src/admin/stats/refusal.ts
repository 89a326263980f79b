import type { GenerationRefusal } from '@herald/contracts';
import { answerProblem, makeProblem } from '../../problems/problem.ts';

/** Says why something about generations is refused. */
export function answerGenerationRefusal(refusal: GenerationRefusal): Response {
  switch (refusal.code) {
    case 'job-running':
      return answerProblem(
        makeProblem(
          'admin-job-running',
          `Another job runs (${refusal.kind}): wait for it at GET /admin/stats/rebuild.`,
        ),
      );
    case 'generation-not-found':
      return answerProblem(
        makeProblem('generation-not-found', 'There is no such generation, or only one of an older release.'),
      );
    case 'generation-served':
      return answerProblem(makeProblem('generation-served', 'This generation is the one that is served.'));
    case 'generation-in-work':
      return answerProblem(makeProblem('admin-job-running', 'A job works on this generation.'));
    default:
      throw new Error(`${JSON.stringify(refusal satisfies never)} is no refusal`);
  }
}
