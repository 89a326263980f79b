import type { Broker, LogWriter } from '@herald/event-log';
import type { Health, Logger } from '@herald/service-kit';
import type { HttpBindings } from '@hono/node-server';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { Registry } from 'prom-client';
import type { ResultListener } from '../commands/result-listener.ts';
import type { FileAnswers } from '../files/file-answers.ts';
import type { Allowance } from './allowance.ts';
import type { JsonBodyBounds } from './body-bounds.ts';
import type { Exposure } from './exposure.ts';
import type { GatewayLimits } from './limits.ts';
import type { LoopTurns } from './loop-turns.ts';

/** What is known of a request while it is answered. */
export interface GatewayEnv {
  Bindings: Partial<HttpBindings>;
  Variables: {
    correlationId: string;
    /** The pattern of the route, `/api/v1/clients/{id}`; `none` where there is none. Never the path: it names people. */
    route: string;
    /** What the request is about, for the log: `clientId`, `mailingId`, `messageId`, `commandId`, `importId`. */
    about: Record<string, string>;
  };
}

export type GatewayApp = OpenAPIHono<GatewayEnv>;
export type GatewayContext = Context<GatewayEnv>;

/** What the routes are composed from. */
export interface GatewayDependencies {
  readonly broker: Broker;
  readonly writer: LogWriter;
  readonly results: ResultListener;
  readonly log: Logger;
  readonly metrics: Registry;
  readonly health: Health;
  readonly commandWaitMs: number;
  readonly queryWaitMs: number;
  readonly bodies: JsonBodyBounds;
  readonly limits: GatewayLimits;
  readonly turns: LoopTurns;
  /** Imports under way. */
  readonly imports: Allowance;
  readonly files: FileAnswers;
  /** Pages of the log that are put together. */
  readonly logPages: Allowance;
  readonly exposure: Exposure;
  readonly now: () => Date;
  /** Aborts when the gateway begins to stop: what may wait for long ends itself then. */
  readonly stopping: AbortSignal;
}

/** Notes what a request is about, for its line in the log. */
export function noteAbout(context: GatewayContext, about: Record<string, string>): void {
  context.set('about', { ...context.get('about'), ...about });
}
