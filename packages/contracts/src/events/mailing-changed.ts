import { z } from 'zod';
import { mailing } from '../entities/mailing.ts';
import { defineEvent, recentCommands } from './define-event.ts';

/** A mailing was edited; what was not sent yet follows the new state. */
export const mailingChanged = defineEvent('MailingChanged', 1, z.object({ mailing, recentCommands }));
