import type { Fault } from '../behaviour/fault-schema.ts';

/** How a request to /v1/send ends: as the protocol has it, or in one of the ways that go wrong. */
export type Answer = { readonly kind: 'ok' } | Fault;

/** Whether the provider would deliver the SMS, whatever its caller gets to see. */
export function isAccepted(answer: Answer): boolean {
  switch (answer.kind) {
    case 'status':
    case 'reset-before':
    case 'refusal':
      return false;
    case 'hang':
      return answer.accepted;
    case 'ok':
    case 'slow-drip':
    case 'reset-after':
    case 'garbage':
    case 'wrong-body':
    case 'coded':
    case 'truncated':
    case 'huge':
      return true;
    default:
      return answer satisfies never;
  }
}

/** The name under which the journal counts it. */
export function outcomeOf(answer: Answer): string {
  return answer.kind === 'status' ? `status-${answer.status}` : answer.kind;
}
