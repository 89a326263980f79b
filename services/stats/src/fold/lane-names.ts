import { eventSubjects } from '@herald/contracts';

/** Names a lane's checkpoint and its lock. */
export const laneName = (lane: number): string => `lane-${lane}`;

/** The lane of a name. */
export const laneOf = (name: string): number => Number(name.slice('lane-'.length));

/** Which subjects a lane folds: one of several has a partition, a single one the whole log. */
export const filterOf = (lane: number, lanes: number): string =>
  lanes === 1 ? eventSubjects.all : eventSubjects.partition(lane);
