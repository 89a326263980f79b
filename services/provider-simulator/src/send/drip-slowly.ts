import type { Exchange } from './exchange.ts';

const SHORTEST_PAUSE_MS = 20;

/** Sends the headers at once and the body a few bytes at a time, to its end where the client has the patience. */
export function dripSlowly(exchange: Exchange, body: string, bytesPerSecond: number): void {
  const { response } = exchange;
  const bytesPerDrip = Math.max(1, Math.round((bytesPerSecond * SHORTEST_PAUSE_MS) / 1_000));
  const pauseMs = (bytesPerDrip / bytesPerSecond) * 1_000;
  const bytes = Buffer.from(body);
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': bytes.length });
  response.flushHeaders();

  const dripFrom = (start: number): void => {
    const end = start + bytesPerDrip;
    if (end >= bytes.length) {
      response.end(bytes.subarray(start));
      return;
    }
    response.write(bytes.subarray(start, end));
    exchange.after(pauseMs, () => dripFrom(end));
  };
  exchange.after(pauseMs, () => dripFrom(0));
}
