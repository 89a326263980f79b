import { z } from 'zod';
import { mailing } from '../entities/mailing.ts';
import { defineEvent, recentCommands } from './define-event.ts';

/** Deleted by command: whatever has not ended ends as cancelled. */
export const mailingDeleted = defineEvent('MailingDeleted', 1, z.object({ mailing, recentCommands }));
