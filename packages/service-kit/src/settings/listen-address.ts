import { z } from 'zod';

/** Whether a server that listens at this host is reached from this machine alone. */
export const isLoopbackHost = (host: string): boolean =>
  host.toLowerCase() === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);

/** Where the gateway listens, and who may call it. To be checked with {@link refuseExposedHost}. */
export const gatewayAddress = {
  HOST: z.string().min(1).default('127.0.0.1'),
  AUTH: z.literal('open', 'knows only `open`').optional(),
};

/** The rule of the launcher and of the gateway: whoever is reached from other machines must say that this is meant. */
export function refuseExposedHost(
  { HOST, AUTH }: { readonly HOST: string; readonly AUTH?: 'open' | undefined },
  context: z.RefinementCtx,
): void {
  if (AUTH === 'open' || isLoopbackHost(HOST)) return;
  const message = `${HOST} is reached from other machines, and nobody is asked who they are. Listen on 127.0.0.1, or set AUTH=open to let everybody do everything`;
  context.addIssue({ code: 'custom', path: ['HOST'], message });
}
