import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { ActiveBehaviour } from './behaviour/active-behaviour.ts';
import type { Config } from './config.ts';
import { BehaviourControl } from './control/behaviour-control.ts';
import { createControlRoutes } from './control/control-routes.ts';
import { Listener } from './http/listener.ts';
import { sendJson } from './http/problem.ts';
import { createRouter, type Routes } from './http/router.ts';
import { createJournalRoutes } from './journal/journal-routes.ts';
import { openJournal } from './journal/open-journal.ts';
import { InFlight } from './send/in-flight.ts';
import { createSendHandler } from './send/send-handler.ts';

const REOPEN_WITHIN_MS = 5_000;
const STOP_GRACE_MS = 1_000;
const STOP_LOOK_MS = 10;

export interface Simulator {
  readonly url: string;
  readonly controlUrl: string;
  /**
   * Accepts nothing more, lets the requests under way end for up to a second, cuts the rest. Calling it again
   * waits for the same stop.
   */
  stop(): Promise<void>;
}

/**
 * Starts the provider: /v1/send on the main port, control and journal there and on a port of their own, both below the
 * path that the configuration says.
 * @throws where a port is taken or the journal's file cannot be used
 */
export async function startSimulator(config: Config, logger: Logger): Promise<Simulator> {
  const journal = openJournal(config.journalFile, config.journalLimit);
  const inFlight = new InFlight();
  const behaviour = new ActiveBehaviour();
  const now = (): number => performance.timeOrigin + performance.now();
  const send = createSendHandler({
    journal,
    inFlight,
    behaviour,
    now,
    authorization: `Bearer ${config.token}`,
  });

  const sendListener = new Listener(config.host, config.port);
  const controlListener = new Listener(config.host, config.controlPort);
  const control = new BehaviourControl({
    behaviour,
    inFlight,
    sendListener,
    reopenWithinMs: REOPEN_WITHIN_MS,
  });
  const guarded: Routes = {
    ...createControlRoutes(control, logger),
    ...createJournalRoutes(journal, inFlight),
  };
  const routes: Routes = {
    '/healthz': { GET: (_request, response) => sendJson(response, { status: 'ok' }) },
    ...Object.fromEntries(
      Object.entries(guarded).map(([path, methods]) => [`${config.controlPath}${path}`, methods]),
    ),
  };
  sendListener.serve(createRouter(routes, send, logger));
  controlListener.serve(createRouter(routes, null, logger));

  await controlListener.open();
  await sendListener.open();
  const url = urlOf(config.host, sendListener.port);
  const controlUrl = urlOf(config.host, controlListener.port);
  const ports = { port: sendListener.port, controlPort: controlListener.port };
  logger.info({ ...ports, url, controlUrl }, 'provider simulator is listening');

  const stopOnce = async (): Promise<void> => {
    sendListener.stopListening();
    controlListener.stopListening();
    for (let waited = 0; inFlight.count > 0 && waited < STOP_GRACE_MS; waited += STOP_LOOK_MS) {
      await sleep(STOP_LOOK_MS);
    }
    inFlight.expectSevering();
    sendListener.sever();
    controlListener.sever();
    journal.close();
  };
  let stopped: Promise<void> | null = null;
  return {
    url,
    controlUrl,
    stop: () => {
      stopped ??= stopOnce();
      return stopped;
    },
  };
}

function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
