import type { MailingFilter, WhyReason } from '@herald/contracts';
import type { ClientFacts, ClientVersion, StartFacts } from './facts.ts';
import { reason } from './reason.ts';

/** Whether a filter addresses a client that is like this. */
export const matches = (filter: MailingFilter, client: Labels): boolean =>
  matchesCode(filter, client) && matchesTag(filter, client);

type Labels = Pick<ClientVersion, 'operatorCode' | 'tag'>;

const matchesCode = (filter: MailingFilter, { operatorCode }: Labels): boolean =>
  'everyone' in filter || (filter.operatorCodes?.includes(operatorCode) ?? true);

const matchesTag = (filter: MailingFilter, { tag }: Labels): boolean =>
  'everyone' in filter || (filter.tags?.includes(tag) ?? true);

/** Why a mailing that has started does not address a client. */
export function reasonsNotAddressed(
  started: StartFacts,
  { atStart, first, newest }: ClientFacts,
): readonly WhyReason[] {
  if (atStart === null) return [...registeredLater(first), audienceFixed(started)];
  if (atStart.isRemoved) {
    return [
      reason('removed-before-start', 'The client had been removed before the mailing started.', atStart),
      audienceFixed(started),
    ];
  }
  return [
    ...filtered(started, atStart),
    reason('client-at-start', `At the start the client had ${labels(atStart)}.`, atStart),
    ...changedSince(started, atStart, newest),
  ];
}

const registeredLater = (first: ClientVersion | null): WhyReason[] =>
  first === null
    ? []
    : [reason('registered-after-start', 'The client was registered after the mailing had started.', first)];

const audienceFixed = (started: StartFacts): WhyReason =>
  reason(
    'audience-fixed-at-start',
    `The mailing started at ${started.startedAt}; it addresses who was a client then.`,
    started,
  );

function filtered(started: StartFacts, atStart: ClientVersion): WhyReason[] {
  const { filter } = started;
  const reasons: WhyReason[] = [];
  if ('everyone' in filter) return reasons;
  if (!matchesCode(filter, atStart)) {
    const text = `The filter wants the operator code to be ${oneOf(filter.operatorCodes)}.`;
    reasons.push(reason('operator-code-not-in-filter', text, started));
  }
  if (!matchesTag(filter, atStart)) {
    reasons.push(
      reason('tag-not-in-filter', `The filter wants the tag to be ${oneOf(filter.tags)}.`, started),
    );
  }
  return reasons;
}

/** Said where it would be asked next: the client one sees now is not the one that was judged. */
function changedSince(
  { filter }: StartFacts,
  atStart: ClientVersion,
  newest: ClientVersion | null,
): WhyReason[] {
  if (newest === null) return [];
  if (newest.isRemoved) return [reason('changed-since-start', 'Since then the client was removed.', newest)];
  const isSame = newest.operatorCode === atStart.operatorCode && newest.tag === atStart.tag;
  if (isSame) return [];
  const judged = matches(filter, newest) ? 'which the filter wants' : 'which the filter does not want';
  const text = `Since then it has ${labels(newest)}, ${judged}; who is addressed was settled by the start.`;
  return [reason('changed-since-start', text, newest)];
}

const labels = ({ operatorCode, tag }: Labels): string =>
  `the operator code ${operatorCode} and ${tag === '' ? 'no tag' : `the tag ${JSON.stringify(tag)}`}`;

/** A filter has up to 1,000 values. */
const MOST_NAMED = 10;

function oneOf(values: readonly string[] = []): string {
  const named = values.slice(0, MOST_NAMED).map((value) => JSON.stringify(value));
  const more = values.length - named.length;
  const list = named.join(', ') + (more > 0 ? ` and ${more} more` : '');
  return values.length === 1 ? list : `one of ${list}`;
}
