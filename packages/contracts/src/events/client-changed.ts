import { z } from 'zod';
import { client } from '../entities/client.ts';
import { defineEvent, recentCommands } from './define-event.ts';

/** Attributes of a client changed. `previousPhone` is the one that became free, if it did. */
export const clientChanged = defineEvent(
  'ClientChanged',
  1,
  z.object({ client, recentCommands, previousPhone: z.string().nullable() }),
);
