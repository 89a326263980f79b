/** A UUID that holds a number: the same seed has the same ids. */
export const idOf = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

export const MAILING_ID = idOf(0);

/** The client of a message, in one of two zones. */
export const clientIdOf = (messageId: number, zone: 0 | 1): string => idOf(messageId * 10 + zone);

export const messageIdOf = (clientId: string): number => Math.floor(Number(clientId.slice(-12)) / 10);

export const zoneOf = (clientId: string): 0 | 1 => (clientId.endsWith('1') ? 1 : 0);
