import { directoryParkedQuery, redriveDirectoryQuery } from '@herald/contracts';
import { serveQuery } from '@herald/service-kit';
import type { Dependencies } from '../dependencies.ts';
import { listParked } from './list-parked.ts';
import { redrive } from './redrive.ts';

/** Answers for the events that the directory is without. @returns ends the answering */
export function serveParked(dependencies: Dependencies): () => Promise<void> {
  const { broker, log } = dependencies.runtime;
  const ends = [
    serveQuery(broker, log, directoryParkedQuery, (request) => listParked(dependencies, request)),
    serveQuery(broker, log, redriveDirectoryQuery, (place) => redrive(dependencies, place)),
  ];
  return async () => {
    await Promise.all(ends.map((end) => end()));
  };
}
