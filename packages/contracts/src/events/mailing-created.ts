import { z } from 'zod';
import { mailing } from '../entities/mailing.ts';
import { defineEvent, recentCommands } from './define-event.ts';

/** A mailing was accepted. */
export const mailingCreated = defineEvent('MailingCreated', 1, z.object({ mailing, recentCommands }));
