/** What HTTP says of a kind of problem. */
interface ProblemKind {
  readonly status: number;
  readonly title: string;
}

/** Every problem that this API answers with, by its stable code. Codes are never renamed. */
export const problemKinds = {
  'request-malformed': { status: 400, title: 'The request is not well-formed HTTP' },
  'request-aborted': { status: 400, title: 'The request ended before its body did' },
  'url-malformed': { status: 400, title: 'The URL is not well-formed' },
  'body-missing': { status: 400, title: 'This call needs a body' },
  'body-not-json': { status: 400, title: 'The body is not JSON' },
  'request-foreign': { status: 403, title: 'The request comes from somewhere else' },
  'route-unknown': { status: 404, title: 'There is nothing at this path' },
  'client-not-found': { status: 404, title: 'There is no such client' },
  'mailing-not-found': { status: 404, title: 'There is no such mailing' },
  'message-not-found': { status: 404, title: 'There is no such message' },
  'command-not-found': { status: 404, title: 'There is no such command' },
  'rebuild-not-found': { status: 404, title: 'There was no such job' },
  'generation-not-found': { status: 404, title: 'There is no such generation' },
  'import-not-found': { status: 404, title: 'There is no such import' },
  'parked-event-not-found': { status: 404, title: 'There is no such parked event' },
  'method-not-allowed': { status: 405, title: 'This path does not know the method' },
  'request-timeout': { status: 408, title: 'The request came too slowly' },
  'phone-taken': { status: 409, title: 'Another client has this phone' },
  'mailing-over': { status: 409, title: 'The mailing is over' },
  'mailing-field-locked': { status: 409, title: 'This cannot change once the mailing has started' },
  'mailing-not-running': { status: 409, title: 'The mailing is not running' },
  'mailing-not-paused': { status: 409, title: 'The mailing is not paused' },
  'admin-job-running': { status: 409, title: 'Another job runs' },
  'generation-served': { status: 409, title: 'The generation is being served' },
  'version-mismatch': { status: 412, title: 'The version is another one' },
  'body-too-large': { status: 413, title: 'The body is too large' },
  'url-too-long': { status: 414, title: 'The URL is too long' },
  'content-type-unsupported': { status: 415, title: 'This content type is not taken here' },
  'expectation-unsupported': { status: 417, title: 'This expectation is not met' },
  'validation-failed': { status: 422, title: 'The request does not fit' },
  'nothing-to-change': { status: 422, title: 'The patch changes nothing' },
  'timezone-invalid': { status: 422, title: 'The time zone is not known' },
  'label-invalid': { status: 422, title: 'The tag or name does not fit' },
  'mailing-end-not-after-start': { status: 422, title: 'The end is not after the start' },
  'mailing-end-in-past': { status: 422, title: 'The end is already past' },
  'idempotency-key-reused': { status: 422, title: 'The idempotency key belongs to another request' },
  'import-empty': { status: 422, title: 'There is nothing to import' },
  'import-header-invalid': { status: 422, title: 'The header row does not fit' },
  'import-too-many-errors': { status: 422, title: 'Most lines of the import are bad' },
  'command-malformed': { status: 422, title: 'The command does not fit' },
  'headers-too-large': { status: 431, title: 'The headers are too large' },
  'internal-error': { status: 500, title: 'Something went wrong here' },
  'transfer-coding-unsupported': { status: 501, title: 'This transfer coding is not known' },
  overloaded: { status: 503, title: 'The gateway has too much to do' },
  'broker-unavailable': { status: 503, title: 'The broker is not reachable' },
  'log-full': { status: 503, title: 'The log has no room' },
  'acceptance-unknown': { status: 503, title: 'Nobody knows whether it was accepted' },
  'import-interrupted': { status: 503, title: 'The import was interrupted' },
  'service-unavailable': { status: 503, title: 'A service does not answer' },
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof problemKinds;
export const problemCodes = Object.keys(problemKinds) as [ProblemCode, ...ProblemCode[]];
