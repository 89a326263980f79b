import type { Broker } from '@herald/event-log';

/** The connection to the broker, as far as the owner of batches looks at it. */
export type BrokerState = Pick<Broker, 'onChange'> & {
  readonly connection: Pick<Broker['connection'], 'isClosed'>;
  readonly fullStreams: Pick<Broker['fullStreams'], 'list'>;
};
