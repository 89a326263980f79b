import { z } from 'zod';
import { importOrder } from './commands/import-clients.ts';
import { client } from './entities/client.ts';
import { mailing } from './entities/mailing.ts';

/** Why a command was not carried out. Every expected reason there is; the gateway maps them to HTTP. */
export const refusal = z.discriminatedUnion('code', [
  z.object({ code: z.literal('client-not-found') }),
  z.object({ code: z.literal('phone-taken'), clientId: z.uuid() }),
  z.object({ code: z.literal('timezone-invalid'), timezone: z.string() }),
  /** A tag or a name that nobody can tell from another one, or that no terminal should meet. */
  z.object({ code: z.literal('label-invalid'), field: z.string(), reason: z.string() }),
  z.object({ code: z.literal('mailing-not-found') }),
  z.object({ code: z.literal('version-mismatch'), version: z.int() }),
  z.object({ code: z.literal('mailing-end-not-after-start') }),
  z.object({ code: z.literal('mailing-end-in-past') }),
  /** The mailing's end has come, or it is completed: nothing about it can change any more. */
  z.object({ code: z.literal('mailing-over'), status: z.string() }),
  /** Once started, this attribute is settled. */
  z.object({ code: z.literal('mailing-field-locked'), field: z.string(), status: z.string() }),
  z.object({ code: z.literal('mailing-not-running'), status: z.string() }),
  z.object({ code: z.literal('mailing-not-paused'), status: z.string() }),
  /** The command did not fit the catalogue. */
  z.object({ code: z.literal('command-malformed'), reason: z.string() }),
]);
export type Refusal = z.infer<typeof refusal>;

/** A line of an import that was rejected, and why. */
export const importError = z.object({ line: z.int(), message: z.string() });

/** What became of (the rows of a chunk of) an import. Of the errors the first 100 are kept. */
export const importSummary = z.object({
  registered: z.int(),
  updated: z.int(),
  rejected: z.int(),
  errors: z.array(importError),
});
export type ImportSummary = z.infer<typeof importSummary>;
export const IMPORT_ERRORS = 100;

/** What a command led to. `entity` is absent after a removal. */
export const commandOutcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('client'), client }),
  z.object({ kind: z.literal('mailing'), mailing }),
  z.object({ kind: z.literal('removed') }),
  z.object({ kind: z.literal('imported'), summary: importSummary }),
  z.object({ kind: z.literal('refused'), refusal }),
]);
export type CommandOutcome = z.infer<typeof commandOutcome>;

/** The result of a command, stored and announced. */
export const commandResult = z.object({
  commandId: z.uuid(),
  fingerprint: z.string(),
  outcome: commandOutcome,
});
export type CommandResult = z.infer<typeof commandResult>;

/**
 * The note that the gateway leaves under `accepted.<commandId>`: for a command when it answers 202, or does not know
 * whether it may (`unsureOn` is where the command stands then, if it arrived; `subject`, absent in notes of earlier
 * releases, is where the events of its entity stand); for an import at its begin, and at its end with the number of chunks
 * and what the gateway itself had to reject, both with what was asked (absent in notes of earlier releases).
 */
export const acceptedNote = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('command'),
    unsureOn: z.string().optional(),
    subject: z.string().optional(),
  }),
  z.object({ kind: z.literal('import-begun'), order: importOrder.optional() }),
  z.object({
    kind: z.literal('import'),
    order: importOrder.optional(),
    chunks: z.int().nonnegative(),
    received: z.int().nonnegative(),
    rejected: z.int().nonnegative(),
    errors: z.array(importError),
  }),
]);
export type AcceptedNote = z.infer<typeof acceptedNote>;
