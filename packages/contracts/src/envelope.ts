import { z } from 'zod';
import { instant } from './time.ts';

/**
 * The envelope of every event and command: CloudEvents 1.0, structured JSON. Extensions: `correlationid` follows a
 * request through the whole house, `causationid` names the command or event that led to this one, `actor` who asked.
 */
export const envelope = z.object({
  specversion: z.literal('1.0'),
  id: z.uuid(),
  source: z.string().min(1),
  type: z.string().min(1),
  time: instant,
  correlationid: z.string().min(1),
  causationid: z.string().optional(),
  actor: z.string().optional(),
  dataversion: z.int().positive(),
  data: z.unknown(),
});
export type Envelope = z.infer<typeof envelope>;

/** Where something comes from: carried from the command to the events it leads to. */
export interface Provenance {
  /** The service that writes, for example `mailing`. */
  readonly source: string;
  readonly correlationId: string;
  readonly causationId?: string | undefined;
  readonly actor?: string | undefined;
}
