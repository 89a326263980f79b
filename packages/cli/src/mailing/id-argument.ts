import { Argument } from 'commander';
import { readId } from '../arguments.ts';

export const mailingArgument = (): Argument =>
  new Argument('<mailing>', 'the id of the mailing').argParser(readId);
