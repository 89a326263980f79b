import { z } from 'zod';
import { client } from '../entities/client.ts';
import { defineEvent, recentCommands } from './define-event.ts';

/** A client left the directory; the data hold what it was last. */
export const clientRemoved = defineEvent('ClientRemoved', 1, z.object({ client, recentCommands }));
