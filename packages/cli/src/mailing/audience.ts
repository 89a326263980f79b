import type { Command } from 'commander';
import { collect } from '../arguments.ts';
import { WrongUseError } from '../failures.ts';

export type AudienceOptions = {
  readonly everyone?: true;
  readonly operatorCode?: readonly string[];
  readonly tag?: readonly string[];
};

/** The options that say who is addressed. */
export const audienceOptions = (command: Command): Command =>
  command
    .option('--everyone', 'every client there is')
    .option('--operator-code <code>', 'those of this operator code; may be repeated', collect)
    .option('--tag <tag>', 'those with this tag; may be repeated', collect);

/**
 * The filter that the options mean. Addressing everyone must be said.
 * @throws {WrongUseError} when they address nobody or say two things
 */
export function filterOf({ everyone, operatorCode, tag }: AudienceOptions): object {
  if (everyone === undefined && operatorCode === undefined && tag === undefined) {
    throw new WrongUseError('Say who is addressed: --tag TAG, --operator-code CODE, or --everyone.');
  }
  if (everyone === undefined) return { operatorCodes: operatorCode, tags: tag };
  if (operatorCode === undefined && tag === undefined) return { everyone };
  throw new WrongUseError('--everyone excludes --tag and --operator-code.');
}
