import { connect } from 'node:net';

/**
 * Whether this very server answers with JetStream on. A server greets every connection with an INFO line, and
 * listens only after it has recovered its streams, so no client library is needed to know that it is ready.
 */
export function probeNats(port: number, serverName: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    let received = '';
    const answer = (ready: boolean) => {
      socket.destroy();
      resolve(ready);
    };
    socket.setTimeout(1_000, () => answer(false));
    socket.once('error', () => answer(false));
    socket.once('close', () => answer(false));
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      received += chunk;
      if (received.includes('\r\n')) answer(greets(received, serverName));
    });
  });
}

function greets(greeting: string, serverName: string): boolean {
  const match = /^INFO (\{.*\})\s*\r\n/.exec(greeting);
  if (match?.[1] === undefined) return false;
  const info: unknown = JSON.parse(match[1]);
  return (
    typeof info === 'object' &&
    info !== null &&
    'server_name' in info &&
    info.server_name === serverName &&
    'jetstream' in info &&
    info.jetstream === true
  );
}
