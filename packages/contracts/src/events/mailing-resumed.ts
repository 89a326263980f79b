import { z } from 'zod';
import { mailing } from '../entities/mailing.ts';
import { defineEvent, recentCommands } from './define-event.ts';

/** Sending goes on with what has not ended. */
export const mailingResumed = defineEvent('MailingResumed', 1, z.object({ mailing, recentCommands }));
