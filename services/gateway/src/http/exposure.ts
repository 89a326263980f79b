import { isLoopbackHost } from '@herald/service-kit';

/** Who can reach the gateway: this machine alone, or whoever the network lets through. */
export type Exposure = 'loopback' | 'network';

/** Whether a server that listens at this host is reached from this machine alone. */
export const exposureOf = (host: string): Exposure => (isLoopbackHost(host) ? 'loopback' : 'network');

/** As they stand in URLs. A name that is none of these may have been made to lead here by whoever owns it. */
const LOOPBACK_NAMES: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** What a proxy adds to a request. */
const PROXY_HEADERS = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
];

/** The head of a request, as far as it tells where the request comes from. Names of headers are in lower case. */
export interface RequestOrigin {
  readonly method: string;
  /** The host that the request names, with its port: of an absolute target, else of the Host header. */
  readonly host: string | undefined;
  readonly header: (name: string) => string | undefined;
}

/**
 * Why a request is not taken while there is no access control; `undefined` when it is. What comes from this machine
 * may be sent by a page of somebody else in a browser here (by a form, or under a name that DNS leads to 127.0.0.1),
 * or may have come through a proxy from anywhere.
 */
export function foreignReason(request: RequestOrigin, exposure: Exposure): string | undefined {
  const { host, header } = request;
  if (exposure === 'loopback' && host !== undefined && !isLoopbackName(hostnameOf(`http://${host}`))) {
    return 'Host is not a name of this machine: localhost, 127.0.0.1 or [::1].';
  }
  const origin = header('origin');
  if (origin !== undefined && !isOwnOrigin(origin, host, exposure)) {
    return 'Origin names a page of another site.';
  }
  if (header('sec-fetch-site') === 'cross-site' && !isNavigation(request)) {
    return 'Sec-Fetch-Site says that a page of another site has sent this.';
  }
  const proxied = PROXY_HEADERS.find((name) => header(name) !== undefined);
  return proxied === undefined ? undefined : `${proxied} says that this came through a proxy.`;
}

function isOwnOrigin(origin: string, host: string | undefined, exposure: Exposure): boolean {
  if (exposure === 'loopback') return isLoopbackName(hostnameOf(origin));
  return (
    URL.canParse(origin) &&
    host !== undefined &&
    new URL(origin).host === portless(host.toLowerCase(), origin)
  );
}

/** Without the port that goes without saying, as an origin has it. */
const portless = (host: string, origin: string): string =>
  host.replace(origin.startsWith('https:') ? /:443$/ : /:80$/, '');

const hostnameOf = (url: string): string => (URL.canParse(url) ? new URL(url).hostname : '');
const isLoopbackName = (name: string): boolean => LOOPBACK_NAMES.includes(name) || isLoopbackHost(name);

/** Somebody follows a link to a page of ours, as to the documentation: it changes nothing, and no other page sees it. */
const isNavigation = ({ method, header }: RequestOrigin): boolean =>
  method === 'GET' && header('sec-fetch-mode') === 'navigate' && header('sec-fetch-dest') === 'document';
