import { z } from 'zod';
import { mailing } from '../entities/mailing.ts';
import { defineEvent, recentCommands } from './define-event.ts';

/** The end has come: whatever has not ended ends as expired. */
export const mailingExpired = defineEvent('MailingExpired', 1, z.object({ mailing, recentCommands }));
