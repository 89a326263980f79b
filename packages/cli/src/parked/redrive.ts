import { z } from 'zod';
import type { Context } from '../context.ts';
import { EXIT, RefusedError, WrongUseError } from '../failures.ts';
import { oneLine } from '../output/text.ts';
import { noteUnavailable, readParked } from './read-parked.ts';

const redriven = z.union([
  z.null(),
  z.looseObject({ outcome: z.string().optional(), error: z.string().nullish() }),
]);

type Failed = { readonly id: string; readonly error: unknown };

/** One that is refused, or cannot be folded yet either, holds up no other. */
export async function redrive(context: Context, id: string | undefined, all: boolean): Promise<number> {
  if ((id === undefined) !== all) throw new WrongUseError('Name one parked event, or say --all.');
  const listed = id === undefined ? await readParked(context) : null;
  if (listed !== null) noteUnavailable(context, listed);
  const ids = listed?.items.map((each) => each.id) ?? [id ?? ''];
  const done: string[] = [];
  const failed: Failed[] = [];
  for (const each of ids) {
    const error = await redriveOne(context, each, all);
    if (error === undefined) done.push(each);
    else failed.push({ id: each, error });
  }
  context.output.show({ redriven: done, failed }, () =>
    ids.length === 0
      ? 'No event is parked.'
      : [
          `${done.length} driven again; herald parked list shows what is left.`,
          ...(failed.length === 0 ? [] : [`${failed.length} are parked still, or were refused.`]),
        ].join('\n'),
  );
  if (failed.length > 0) return EXIT.refused;
  return (listed?.unavailable ?? []).length > 0 ? EXIT.notReachable : EXIT.done;
}

/** @returns why it failed; undefined when it did not. One that is named alone is refused as everything is. */
async function redriveOne({ api, output }: Context, id: string, all: boolean): Promise<unknown> {
  try {
    const path = `/admin/parked-events/${encodeURIComponent(id)}/redrive`;
    const answer = await api.post(path, redriven);
    if (answer?.outcome !== 'parked') return undefined;
    output.note(`${oneLine(id)} cannot be folded yet either: ${oneLine(answer.error ?? 'no reason')}`);
    return answer;
  } catch (error) {
    if (!(error instanceof RefusedError) || !all) throw error;
    output.note(`${oneLine(id)}: ${oneLine(error.message)}`);
    return error.problem;
  }
}
