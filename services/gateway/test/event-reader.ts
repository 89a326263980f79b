import { connect } from 'node:net';

export interface ReadEvent {
  readonly id?: string;
  readonly event?: string;
  readonly retry?: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into data of every shape.
  readonly data?: any;
}

/** A stream of events as it is read, by a bare socket: what comes when is the test's to see. */
export interface EventReader {
  /** The status line and the headers, once they are there. */
  readonly head: Promise<string>;
  /** Those that are complete so far. */
  readonly events: readonly ReadEvent[];
  readonly comments: () => number;
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>;
  pause(): void;
  resume(): void;
  destroy(): void;
}

/** Opens a stream. @param path behind `/api/v1` */
export function readEvents(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): EventReader {
  const lines = Object.entries({ Host: '127.0.0.1', ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  const socket = connect(port, '127.0.0.1', () => {
    socket.write(`GET /api/v1${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  });
  const events: ReadEvent[] = [];
  const head = Promise.withResolvers<string>();
  let seen = '';
  let body: string | undefined;
  let comments = 0;
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    seen += text;
    if (body === undefined) {
      const end = seen.indexOf('\r\n\r\n');
      if (end === -1) return;
      head.resolve(seen.slice(0, end));
      seen = seen.slice(end + 4);
      body = '';
    }
    // The lengths of chunks: a line of hexadecimal digits for each.
    for (let match = /^([0-9a-f]+)\r\n/.exec(seen); match !== null; match = /^([0-9a-f]+)\r\n/.exec(seen)) {
      const length = Number.parseInt(match[1] ?? '', 16);
      const from = match[0].length;
      // What these tests send is ASCII.
      if (seen.length < from + length + 2) break;
      body += seen.slice(from, from + length);
      seen = seen.slice(from + length + 2);
    }
    const blocks = body.split('\n\n');
    body = blocks.pop();
    for (const block of blocks) {
      if (block.startsWith(':')) comments += 1;
      else events.push(parseBlock(block));
    }
  });
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  return {
    head: head.promise,
    events,
    comments: () => comments,
    closed,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    destroy: () => socket.destroy(),
  };
}

function parseBlock(block: string): ReadEvent {
  const fields = Object.fromEntries(
    block.split('\n').map((line) => {
      const at = line.indexOf(': ');
      return [line.slice(0, at), line.slice(at + 2)];
    }),
  );
  return fields.data === undefined ? fields : { ...fields, data: JSON.parse(fields.data) };
}
