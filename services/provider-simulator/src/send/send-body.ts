export interface SendBody {
  readonly id: number;
  readonly phone: number;
  readonly text: string;
}

export type ParsedSendBody =
  | { readonly kind: 'valid'; readonly body: SendBody }
  | { readonly kind: 'invalid'; readonly reason: string };

/**
 * Parses `{"id": int, "phone": int, "text": string}`. By hand: this is the hot path of a server that must not
 * be what a load test measures. Unknown fields are let pass, as the protocol does not forbid them.
 */
export function parseSendBody(text: string): ParsedSendBody {
  const document = parseJson(text);
  if (typeof document !== 'object' || document === null) return invalid('the body must be a JSON object');
  if (!('id' in document) || !isNaturalNumber(document.id)) return invalid('id must be an integer');
  if (!('phone' in document) || !isNaturalNumber(document.phone)) return invalid('phone must be an integer');
  if (!('text' in document) || typeof document.text !== 'string') return invalid('text must be a string');
  return { kind: 'valid', body: { id: document.id, phone: document.phone, text: document.text } };
}

/** Reads the message id of a path like /v1/send/17; null where it is none. */
export function parseMessageId(text: string): number | null {
  if (!/^\d{1,16}$/.test(text)) return null;
  const id = Number(text);
  return Number.isSafeInteger(id) ? id : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isNaturalNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function invalid(reason: string): ParsedSendBody {
  return { kind: 'invalid', reason };
}
