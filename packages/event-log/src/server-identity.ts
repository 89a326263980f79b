import { isIP } from 'node:net';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';

/** What the client library checks a certificate against where a server is named by its address, not by a name. */
const NO_NAME = 'localhost';

/**
 * Checks the certificates of servers that are named by their address against these addresses.
 *
 * @param servers `host:port` each
 */
export function identityCheck(servers: readonly string[]): typeof checkServerIdentity {
  const hosts = servers.map((server) => server.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1'));
  const addresses = hosts.filter((host) => isIP(host) !== 0);
  return (host: string, certificate: PeerCertificate) => {
    const candidates = host === NO_NAME ? [host, ...addresses] : [host];
    const problems = candidates.map((candidate) => checkServerIdentity(candidate, certificate));
    return problems.includes(undefined) ? undefined : problems.at(-1);
  };
}
