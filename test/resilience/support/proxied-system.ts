import { Herald } from '../../e2e/support/herald.ts';
import { TcpProxy } from './tcp-proxy.ts';

export type Line = 'nats' | 'postgres' | 'provider';

/** A system whose services reach broker, database and provider through lines that can be cut. */
export type ProxiedSystem = {
  readonly herald: Herald;
  readonly lines: Readonly<Record<Line, TcpProxy>>;
  stop(): Promise<void>;
};

const NO_SERVICES = ['mailing', 'scheduler', 'sender', 'stats', 'gateway'].flatMap((service) => [
  '--scale',
  `${service}=0`,
]);

/** Two launchers: one for the servers alone, and one for the services, to which the servers are somebody else's. */
export async function startProxiedSystem(args: readonly string[]): Promise<ProxiedSystem> {
  const servers = await Herald.start({ args: NO_SERVICES });
  const open: { stop(): Promise<void> }[] = [servers];
  const stop = async () => {
    for (const part of open.splice(0).reverse()) await part.stop();
  };
  try {
    const { natsUrl, databaseUrl, provider, providerControl, providerToken } = await servers.describe();
    const through = async (url: string) => {
      const proxy = await TcpProxy.start(url);
      open.push(proxy);
      return { proxy, url: proxy.through(url) };
    };
    const nats = await through(natsUrl);
    const postgres = await through(databaseUrl);
    const simulator = await through(provider);
    const herald = await Herald.start({
      args,
      environment: {
        NATS_URL: nats.url,
        DATABASE_URL: postgres.url,
        PROVIDER_URL: simulator.url,
        PROVIDER_TOKEN: providerToken,
      },
      ...(providerControl === undefined ? {} : { providerControl }),
    });
    open.push(herald);
    return {
      herald,
      lines: { nats: nats.proxy, postgres: postgres.proxy, provider: simulator.proxy },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
