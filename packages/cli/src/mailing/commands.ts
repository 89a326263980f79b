import type { Command } from 'commander';
import type { Execute } from '../context.ts';
import { addChangeMailing } from './change.ts';
import { addCreateMailing } from './create.ts';
import { addMailingEvents } from './events.ts';
import { addExportMessages } from './export.ts';
import { addListMailings } from './list.ts';
import { addListMessages } from './messages.ts';
import { addPreview } from './preview.ts';
import { addDeadlineProof } from './proof.ts';
import { addShowMailing } from './show.ts';
import { addSteering } from './steer.ts';
import { addWatchMailing } from './watch.ts';

/** `herald mailing …` */
export function addMailing(program: Command, execute: Execute): void {
  const mailing = program.command('mailing').description('mailings and what they send');
  for (const add of [
    addCreateMailing,
    addPreview,
    addListMailings,
    addShowMailing,
    addChangeMailing,
    addWatchMailing,
    addSteering,
    addListMessages,
    addExportMessages,
    addMailingEvents,
    addDeadlineProof,
  ]) {
    add(mailing, execute);
  }
}
