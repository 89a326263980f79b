import type { IncomingMessage } from 'node:http';
import { createParser, type EventSourceMessage } from 'eventsource-parser';

/**
 * The events of an open `text/event-stream`, until it ends or breaks off: both mean the same to who follows it, who
 * goes on at the last id.
 */
export async function* readServerEvents(
  response: IncomingMessage,
): AsyncGenerator<EventSourceMessage, void, undefined> {
  const waiting: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => waiting.push(event) });
  const decoder = new TextDecoder();
  try {
    for await (const chunk of response) {
      parser.feed(decoder.decode(chunk, { stream: true }));
      yield* waiting.splice(0);
    }
  } catch (error) {
    if (!isBrokenConnection(error)) throw error;
  }
}

const isBrokenConnection = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ECONNRESET' || error.code === 'ABORT_ERR');
