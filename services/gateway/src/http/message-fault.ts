import type { ProblemCode } from '../problems/problem-codes.ts';

/** The head of a message, as far as Node takes what HTTP forbids or we do not know. */
export interface MessageHead {
  readonly httpVersion: string;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly headers: { readonly 'transfer-encoding'?: string | undefined };
}

export interface MessageFault {
  readonly code: ProblemCode;
  readonly detail: string;
}

/**
 * What is wrong with a message although Node has parsed it; `undefined` when nothing is. Two parties that read such a
 * message differently (a proxy and we) take one request for two.
 */
export function messageFault(head: MessageHead): MessageFault | undefined {
  const hosts = head.rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host');
  if (hosts.length > 1) return { code: 'request-malformed', detail: 'There is more than one Host header.' };
  const coding = head.headers['transfer-encoding'];
  if (coding === undefined) return undefined;
  if (head.httpVersion === '1.0') {
    return { code: 'request-malformed', detail: 'HTTP/1.0 has no Transfer-Encoding.' };
  }
  if (coding.trim().toLowerCase() === 'chunked') return undefined;
  return { code: 'transfer-coding-unsupported', detail: 'The only transfer coding taken is chunked.' };
}
