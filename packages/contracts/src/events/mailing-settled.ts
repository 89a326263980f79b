import { z } from 'zod';
import { mailing } from '../entities/mailing.ts';
import { defineEvent, recentCommands } from './define-event.ts';

/** Every message has ended. */
export const mailingSettled = defineEvent('MailingSettled', 1, z.object({ mailing, recentCommands }));
