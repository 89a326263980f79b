import { z } from 'zod';
import { client } from '../entities/client.ts';
import { defineEvent, recentCommands } from './define-event.ts';

/** A client came into the directory. The data hold its whole state. */
export const clientRegistered = defineEvent('ClientRegistered', 1, z.object({ client, recentCommands }));
