import {
  directoryParkedQuery,
  type ParkedEvent,
  type ParkedPlace,
  type ParkingModel,
  parkedEvent,
  parkedPlace,
  statsParkedQuery,
} from '@herald/contracts';
import { QueryUnavailableError } from '@herald/service-kit';
import type { GatewayDependencies } from '../../http/context.ts';
import { collectPage } from '../../reading/collect-page.ts';
import { askService } from '../../reading/reach-broker.ts';

/** Where a page of parked events begins: behind one of a model, or with the first one of it. */
export const parkedCursor = parkedPlace.extend({ model: parkedEvent.shape.model });
type ParkedCursor = ParkedPlace & { readonly model: ParkingModel };

export interface ParkedPage {
  readonly items: readonly ParkedEvent[];
  readonly next: ParkedCursor | null;
  /** The models that did not answer: what they have parked is missing here. */
  readonly unavailable: readonly ParkingModel[];
}

/** In the order in which their events are listed. */
const MODELS = [
  { model: 'directory', query: directoryParkedQuery },
  { model: 'stats', query: statsParkedQuery },
] as const;
const BEGIN: ParkedPlace = { fold: '', position: 0 };

/**
 * A page of the events that the models are without. A model that does not answer is named, and hides those of no other.
 *
 * @throws QueryUnavailableError when none of those that are asked answers
 */
export async function listParked(
  dependencies: GatewayDependencies,
  limit: number,
  cursor: ParkedCursor | null,
): Promise<ParkedPage> {
  const items: ParkedEvent[] = [];
  const failures = new Map<ParkingModel, QueryUnavailableError>();
  const first = Math.max(
    0,
    MODELS.findIndex(({ model }) => model === cursor?.model),
  );
  const asked = MODELS.slice(first);
  for (const { model, query } of asked) {
    if (items.length >= limit) return { items, next: { model, ...BEGIN }, unavailable: [...failures.keys()] };
    const after = cursor?.model === model ? { fold: cursor.fold, position: cursor.position } : null;
    try {
      const page = await collectPage<
        ParkedEvent,
        ParkedPlace,
        { items: ParkedEvent[]; next: ParkedPlace | null }
      >(limit - items.length, after, (most, from) =>
        askService(dependencies, query, { limit: most, after: from }),
      );
      items.push(...page.items);
      if (page.next !== null)
        return { items, next: { model, ...page.next }, unavailable: [...failures.keys()] };
    } catch (error) {
      if (!(error instanceof QueryUnavailableError)) throw error;
      failures.set(model, error);
    }
  }
  const [failure] = failures.values();
  if (failure !== undefined && failures.size === asked.length) throw failure;
  return { items, next: null, unavailable: [...failures.keys()] };
}
