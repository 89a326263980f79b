import { RUN_MARKER } from './process-leaks.ts';

const LABEL = 'herald.test-run';
const GONE_OR_GOING = [404, 409];

/** For every container that a run starts: by these it is found at the end, whoever has started it. */
export function runLabels(): Record<string, string> {
  return { [LABEL]: process.env[RUN_MARKER] ?? '' };
}

/** @throws with the name of the image when it is not here and cannot be pulled either. */
export async function fetchImage(image: string): Promise<void> {
  const { getContainerRuntimeClient, ImageName } = await import('testcontainers');
  const runtime = await getContainerRuntimeClient();
  const name = ImageName.fromString(image);
  try {
    await runtime.image.pull(name);
  } catch (error) {
    throw new Error(`The image ${image} cannot be had: ${String(error)}`, { cause: error });
  }
}

/** Removes what a run has left, data included. @returns a line about each of them */
export async function removeContainers(run: string): Promise<readonly string[]> {
  const { getContainerRuntimeClient } = await import('testcontainers');
  const { dockerode } = (await getContainerRuntimeClient()).container;
  const found = await dockerode.listContainers({ all: true, filters: { label: [`${LABEL}=${run}`] } });
  const removals = found.map(({ Id }) => dockerode.getContainer(Id).remove({ force: true, v: true }));
  for (const removal of removals) {
    await removal.catch((error: { statusCode?: number }) => {
      if (!GONE_OR_GOING.includes(error.statusCode ?? 0)) throw error;
    });
  }
  return found.map(({ Image, Status, Names }) => `${Image} ${Names.join(' ')} (${Status})`);
}
