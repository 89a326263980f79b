const THIS_MACHINE = '127.0.0.1';
/** Whoever listens at these is reached at any address of the machine. */
const ALL_ADDRESSES = ['0.0.0.0', '::', '[::]'];

/** As what stands in a URL a server on this machine is reached that listens at `host`. */
export function reachableHost(host: string): string {
  if (ALL_ADDRESSES.includes(host)) return THIS_MACHINE;
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
