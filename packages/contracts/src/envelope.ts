import { z } from 'zod';
import { instant } from './time.ts';

/**
 * The envelope of every event and command: CloudEvents 1.0, structured JSON. Extensions: `correlationid` follows a
 * request through the whole system, `causationid` names the command or event that led to this one, `actor` who asked.
 */
export const envelope = z.object({
  specversion: z.literal('1.0'),
  id: z.uuid(),
  source: z.string().min(1),
  type: z.string().min(1),
  time: instant,
  correlationid: z.string().min(1),
  causationid: z.string().optional(),
  /**
   * In an event: it is what the command `causationid` led to, and this is the command's fingerprint, so that the command's
   * result can be told from the log. Absent where a command has a result of another kind (an import), and in events of earlier releases.
   */
  fingerprint: z.string().min(1).optional(),
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
  /** Of the command whose result the event is. */
  readonly fingerprint?: string | undefined;
  readonly actor?: string | undefined;
}
