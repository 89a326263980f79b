import { RECENT_COMMANDS, type Refusal } from '@herald/contracts';

/** What deciding a command comes to: an event, or a refusal. Refusals are values; exceptions are bugs. */
export type Decision<Event> =
  | { readonly kind: 'accepted'; readonly event: Event }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export const accept = <Event>(event: Event): Decision<Event> => ({ kind: 'accepted', event });

export const refuse = (refusal: Refusal): { readonly kind: 'refused'; readonly refusal: Refusal } => ({
  kind: 'refused',
  refusal,
});

/** The commands an aggregate remembers, the newest last, with one more. */
export const remember = (recentCommands: readonly string[], commandId: string): string[] =>
  [...recentCommands, commandId].slice(-RECENT_COMMANDS);
