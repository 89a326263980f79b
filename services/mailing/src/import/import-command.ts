import type { Command, CommandBody } from '@herald/contracts';

/** One chunk of an import, as it is carried out. */
export type ImportCommand = Command & CommandBody<'ImportClients'>;
