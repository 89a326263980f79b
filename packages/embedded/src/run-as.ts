import { findExecutable } from './find-executable.ts';
import { runCommand } from './run-command.ts';

export type Account = { readonly uid: number; readonly gid: number };
export type Command = { readonly command: string; readonly args: readonly string[] };

export type RunAsOptions = {
  /** Run as this unprivileged account; only root may ask for another than its own. */
  readonly account?: Account;
  /** Sent to the process when ours dies, so that `kill -9` of a launcher leaves no servers behind. */
  readonly parentDeathSignal?: 'INT';
};

/**
 * Wraps a command in `setpriv` of util-linux, which arranges all this and then becomes the command: same pid,
 * and the command line reads as if it had been started directly.
 *
 * A server that refuses to run as root still has to reach binaries and data in folders which only root may
 * enter (mode 0700, as `mktemp -d` makes them). So it keeps one capability, `dac_override`, and nothing else.
 * `no_setuid_fixup` is needed because access(2), with which PostgreSQL checks its own binary, ignores the
 * capabilities of a non-root user without it.
 *
 * @throws when an account is asked for and there is no fitting `setpriv`.
 */
export async function runAs(command: Command, options: RunAsOptions): Promise<Command> {
  const { account, parentDeathSignal } = options;
  if (account === undefined && parentDeathSignal === undefined) return command;
  const setpriv = await findSetpriv();
  if (setpriv === undefined) {
    if (account === undefined) return command;
    throw new Error(
      'PostgreSQL refuses to run as root, and the tool `setpriv` (package util-linux), which would run it as ' +
        'another user, is missing. Install it, start as an ordinary user, or set DATABASE_URL.',
    );
  }
  const flags = [
    ...(account === undefined ? [] : accountFlags(account)),
    ...(parentDeathSignal === undefined ? [] : [`--pdeathsig=${parentDeathSignal}`]),
  ];
  return { command: setpriv, args: [...flags, '--', command.command, ...command.args] };
}

function accountFlags({ uid, gid }: Account): string[] {
  return [
    '--securebits=+no_setuid_fixup',
    `--reuid=${uid}`,
    `--regid=${gid}`,
    '--clear-groups',
    '--inh-caps=-all,+dac_override',
    '--ambient-caps=+dac_override',
    '--bounding-set=-all,+dac_override',
  ];
}

let search: Promise<string | undefined> | undefined;

/** BusyBox has a `setpriv` too, which can do none of this. */
function findSetpriv(): Promise<string | undefined> {
  search ??= (async () => {
    if (process.platform !== 'linux') return undefined;
    const path = await findExecutable('setpriv');
    if (path === undefined) return undefined;
    const help = await runCommand(path, ['--help']);
    return help.transcript.includes('--pdeathsig') && help.transcript.includes('--ambient-caps')
      ? path
      : undefined;
  })();
  return search;
}
