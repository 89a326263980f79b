import { z } from 'zod';
import { mailing } from '../entities/mailing.ts';
import { defineEvent, recentCommands } from './define-event.ts';

/** Nothing is sent until it is resumed. */
export const mailingPaused = defineEvent('MailingPaused', 1, z.object({ mailing, recentCommands }));
