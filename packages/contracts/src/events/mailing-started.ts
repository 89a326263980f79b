import { z } from 'zod';
import { mailing } from '../entities/mailing.ts';
import { defineEvent, recentCommands } from './define-event.ts';

/** The start has come: who is addressed is decided as of this position in the log. */
export const mailingStarted = defineEvent('MailingStarted', 1, z.object({ mailing, recentCommands }));
