import type { Broker } from './connection.ts';
import { makeHeaders, type PublishOptions, PublishRefusedError, readAnswer } from './publish-protocol.ts';

/** Whether one publish landed: `null` where the expected sequence was not the last one. */
export type PublishedOnce = { readonly sequence: number } | null;

/**
 * Publishes once, for those who would rather know nothing than wait for the broker to come back.
 *
 * @param timeoutMs how long the acknowledgement may take, milliseconds
 * @throws PublishRefusedError when the stream does not take it; the client's errors when no acknowledgement comes in
 *   time: nobody knows then whether it landed
 */
export async function publishOnce(
  broker: Broker,
  subject: string,
  payload: string,
  options: PublishOptions & { readonly timeoutMs: number },
): Promise<PublishedOnce> {
  const bound = makeHeaders(options);
  const message = await broker.connection.request(subject, payload, {
    timeout: options.timeoutMs,
    ...(bound === undefined ? {} : { headers: bound }),
  });
  const answer = readAnswer(message);
  switch (answer.kind) {
    case 'stored':
      return { sequence: answer.sequence };
    case 'conflict':
      return null;
    case 'busy':
      throw new PublishRefusedError(`${subject}: cannot be taken now`);
    case 'refused':
      throw new PublishRefusedError(`${subject}: ${answer.reason}`);
    default:
      return answer satisfies never;
  }
}
