import type { Command } from 'commander';
import { type ClientReference, clientArgument, ifVersionOption } from '../arguments.ts';
import type { Context, Execute } from '../context.ts';
import { EXIT, WrongUseError } from '../failures.ts';
import { client, drawClient, resolveClient } from './client.ts';

type Options = {
  readonly phone?: string;
  readonly timezone?: string;
  /** `false`: back to the default. */
  readonly operatorCode?: string | false;
  readonly tag?: string | false;
  readonly ifVersion?: number;
};

export function addChangeClient(clients: Command, execute: Execute): void {
  clients
    .command('change')
    .description('change a client; what is not named stays as it is')
    .addArgument(clientArgument())
    .option('--phone <phone>', '7 and ten digits; the operator code stays unless it is named')
    .option('--timezone <zone>', 'an IANA name such as Europe/Moscow, or an offset such as +03:00')
    .option('--operator-code <code>', 'three digits')
    .option('--no-operator-code', "the phone's second to fourth digit")
    .option('--tag <tag>', 'any label')
    .option('--no-tag', 'take the label away')
    .addOption(ifVersionOption())
    .action((reference: ClientReference, options: Options, command: Command) =>
      execute(command, (context) => changeClient(context, reference, options)),
    );
}

async function changeClient(
  { api, output }: Context,
  reference: ClientReference,
  { ifVersion, phone, timezone, ...resettable }: Options,
): Promise<number> {
  const body = { phone, timezone, ...resettableOf(resettable) };
  if (Object.values(body).every((value) => value === undefined)) {
    throw new WrongUseError('Say what is to change: --phone, --timezone, --operator-code or --tag.');
  }
  const path = `/clients/${await resolveClient(api, reference)}`;
  const changed = await api.write({ method: 'PATCH', path, body, ifVersion }, client);
  output.show(changed, () => drawClient(changed, output.paint));
  return EXIT.done;
}

/** In a merge patch `null` means the default. */
const resettableOf = ({ operatorCode, tag }: Pick<Options, 'operatorCode' | 'tag'>): object => ({
  operatorCode: operatorCode === false ? null : operatorCode,
  tag: tag === false ? null : tag,
});
