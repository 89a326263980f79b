import { z } from 'zod';
import { StartRefusedError } from './start-refused.ts';

/** In the order in which they are named to people. Gateways start last and stop first. */
export const SCALABLE_SERVICES = ['mailing', 'scheduler', 'sender', 'stats', 'gateway'] as const;
export type ScalableService = (typeof SCALABLE_SERVICES)[number];

/** How many processes of each service run. */
export type Scale = Readonly<Record<ScalableService, number>>;

const MOST = 64;
const serviceName = z.enum(SCALABLE_SERVICES);
const count = z.coerce.number().int().min(0).max(MOST);

/**
 * Reads arguments such as `sender=3`; whatever is not named runs once.
 * @throws {StartRefusedError} on an unknown service or a count outside of 0 to 64.
 */
export function readScale(args: readonly string[]): Scale {
  const scale = { mailing: 1, scheduler: 1, sender: 1, stats: 1, gateway: 1 };
  for (const arg of args) {
    const [name, wanted, ...rest] = arg.split('=');
    const service = serviceName.safeParse(name);
    const number = count.safeParse(wanted === '' ? undefined : wanted);
    if (!service.success || !number.success || rest.length > 0) {
      throw new StartRefusedError(
        `--scale takes <service>=<0 to ${MOST}>, for example sender=3, not "${arg}". Services: ${SCALABLE_SERVICES.join(', ')}.`,
      );
    }
    scale[service.data] = number.data;
  }
  return scale;
}
