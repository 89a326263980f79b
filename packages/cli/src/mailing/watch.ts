import type { Command } from 'commander';
import type { Context, Execute } from '../context.ts';
import { EXIT, RefusedError } from '../failures.ts';
import { startProgress } from '../output/progress.ts';
import type { ProgressState } from '../output/progress-line.ts';
import { formatCount, formatMoment, oneLine } from '../output/text.ts';
import { followStatistics } from './follow-statistics.ts';
import { mailingArgument } from './id-argument.ts';
import { type Mailing, mailing } from './mailing.ts';
import { drawCounts, type Statistics, settledCount } from './statistics.ts';

export function addWatchMailing(mailings: Command, execute: Execute): void {
  mailings
    .command('watch')
    .description('watch a mailing until its last message has ended')
    .addArgument(mailingArgument())
    .action((id: string, _: object, command: Command) =>
      execute(command, (context) => watchMailing(context, id)),
    );
}

/** Shows how far a mailing is, until every message of it has ended, and then what became of them. */
export async function watchMailing(context: Context, id: string): Promise<number> {
  const { output } = context;
  const found = await findMailing(context, id);
  if (found !== null) output.note(`${oneLine(found.name ?? found.id)}: ends ${formatMoment(found.endAt)}`);
  const progress = startProgress(output);
  let last: Statistics | undefined;
  try {
    const onTrouble = (reason: string): void => {
      if (last !== undefined) progress.show(stateOf(last, context.now(), found, reason));
    };
    for await (const seen of followStatistics(context, id, onTrouble)) {
      last = seen;
      progress.show(stateOf(seen, context.now(), found));
      if (await isOver(context, seen)) break;
    }
  } finally {
    progress.stop();
  }
  const final = last;
  if (final !== undefined) {
    output.show(final, () => drawCounts('MAILING', [{ name: found?.name ?? id, ...final }], output.paint));
  }
  return EXIT.done;
}

/** `null` when it was deleted: its statistics may still be watched. */
async function findMailing({ api }: Context, id: string): Promise<Mailing | null> {
  try {
    return await api.get(`/mailings/${id}`, mailing);
  } catch (error) {
    if (error instanceof RefusedError && error.problem.status === 404) return null;
    throw error;
  }
}

const OVER = new Set(['completed', 'expired', 'deleted']);

/** Whether nothing of it will change any more. */
async function isOver(context: Context, seen: Statistics): Promise<boolean> {
  if (!OVER.has(seen.status) || seen.counts.queued > 0) return false;
  if (seen.audienceResolved) return true;
  // It ended before its audience was known: it has none if it never started, and else is settled when all are counted.
  const found = await findMailing(context, seen.mailing);
  return found === null || found.settledAt !== null;
}

function stateOf(seen: Statistics, now: Date, found: Mailing | null, trouble?: string): ProgressState {
  const { status, counts, planned, retries, ratePerSecond, expectedEndAt } = seen;
  const notes = [
    status === 'scheduled' && found !== null ? `starts ${formatMoment(found.startAt)}` : status,
    counts.failed > 0 ? `${formatCount(counts.failed)} failed` : '',
    counts.expired > 0 ? `${formatCount(counts.expired)} expired` : '',
    counts.cancelled > 0 ? `${formatCount(counts.cancelled)} cancelled` : '',
    counts.unknown > 0 ? `${formatCount(counts.unknown)} unknown` : '',
    retries > 0 ? `${formatCount(retries)} retries` : '',
    trouble ?? '',
  ];
  return {
    done: settledCount(seen),
    total: seen.audienceResolved || planned > 0 ? planned : null,
    unit: 'messages',
    // Herald's own figures, where it has some; else what is seen from here.
    ...(typeof ratePerSecond === 'number' && { perSecond: ratePerSecond }),
    ...(typeof expectedEndAt === 'string' && {
      millisecondsLeft: Math.max(0, Date.parse(expectedEndAt) - now.getTime()),
    }),
    note: notes.filter((note) => note !== '').join(', '),
    document: seen,
  };
}
