import { z } from 'zod';
import { mailing } from '../entities/mailing.ts';
import { defineEvent, recentCommands } from './define-event.ts';

/** Every batch of the plan is in the log; `mailing.audience` says how many. */
export const mailingAudienceResolved = defineEvent(
  'MailingAudienceResolved',
  1,
  z.object({ mailing, recentCommands }),
);
