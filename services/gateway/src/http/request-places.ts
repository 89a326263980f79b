import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Allowance } from './allowance.ts';

/** What is held of the room for requests by one of them. */
export interface Place {
  /** Nothing is done for it any more. */
  handled(): void;
  /** It is answered; what still comes of its body holds nobody up. */
  giveBack(): void;
}

/**
 * The room for requests that are answered at once. A place is held until its request was handled and its answer is out or
 * the connection gone: both, since a client that breaks off and repeats leaves work behind. Of an answer that waits behind
 * another one on its connection Node may tell nothing when the connection breaks, so the socket is asked too.
 */
export class RequestPlaces {
  readonly #room: Allowance;
  readonly #onSockets = new WeakMap<Socket, Set<() => void>>();

  constructor(most: number) {
    this.#room = new Allowance(most);
  }

  /** `undefined` when there is no room. */
  take({ socket }: IncomingMessage, outgoing: ServerResponse): Place | undefined {
    const giveBack = this.#room.take(1);
    if (giveBack === undefined) return undefined;
    const left = new Set(['handled', 'closed']);
    const over = (what: 'handled' | 'closed'): void => {
      left.delete(what);
      if (left.size === 0) giveBack();
    };
    const onSocket = this.#listenersOn(socket);
    const closed = (): void => {
      onSocket.delete(closed);
      over('closed');
    };
    onSocket.add(closed);
    outgoing.once('close', closed);
    if (socket.destroyed) closed();
    return { giveBack, handled: () => over('handled') };
  }

  #listenersOn(socket: Socket): Set<() => void> {
    const known = this.#onSockets.get(socket);
    if (known !== undefined) return known;
    const listeners = new Set<() => void>();
    this.#onSockets.set(socket, listeners);
    socket.once('close', () => {
      for (const closed of [...listeners]) closed();
    });
    return listeners;
  }
}
