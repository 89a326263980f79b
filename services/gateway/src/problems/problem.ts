import { z } from '@hono/zod-openapi';
import { importResult } from '../schemas/import-result.ts';
import { type ProblemCode, problemCodes, problemKinds } from './problem-codes.ts';

/** One thing that does not fit, and where. */
export const validationError = z.object({
  path: z.string().openapi({
    description:
      'A JSON pointer into the body (`/localWindow/from`); for a parameter of the path or the query `/` and its name; for a header its name.',
    example: '/localWindow/from',
  }),
  message: z.string(),
});
export type ValidationError = z.infer<typeof validationError>;

/** RFC 9457, with a stable `code` and what belongs to it. */
export const problem = z
  .object({
    type: z.string().openapi({ example: 'urn:herald:problem:phone-taken' }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(problemCodes),
    errors: z.array(validationError).optional(),
    clientId: z.uuid().optional().openapi({ description: 'phone-taken: who has it' }),
    version: z.int().optional().openapi({ description: 'version-mismatch: the version it has' }),
    mailingStatus: z.string().optional().openapi({ description: 'The status that stands against it' }),
    importId: z.uuid().optional().openapi({
      description:
        'Which import: of log-full, acceptance-unknown, import-interrupted, and where one was ended',
    }),
    imported: importResult.optional().openapi({
      description:
        'What an import that was ended came to. Lines received that are neither registered, updated nor rejected were not taken in',
    }),
  })
  .openapi('Problem');
export type Problem = z.infer<typeof problem>;

type Extensions = Pick<
  Problem,
  'errors' | 'clientId' | 'version' | 'mailingStatus' | 'importId' | 'imported'
>;

/** Puts a problem document together; status and title follow from the code. */
export function makeProblem(code: ProblemCode, detail: string, extensions: Extensions = {}): Problem {
  const { status, title } = problemKinds[code];
  return { type: `urn:herald:problem:${code}`, title, status, detail, code, ...extensions };
}

/** How long a client should wait before it tries again, seconds. */
const RETRY_AFTER_SECONDS = '2';

/** A problem as an answer. Everything that may pass by waiting (503) says so with `Retry-After`. */
export function answerProblem(document: Problem, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(document), {
    status: document.status,
    headers: {
      'Content-Type': 'application/problem+json',
      ...(document.status === 503 ? { 'Retry-After': RETRY_AFTER_SECONDS } : {}),
      ...headers,
    },
  });
}

/** Ends a request with a problem from where no answer can be returned: a check in front of the handlers. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly problem: Problem;
  readonly headers: Record<string, string>;
  constructor(document: Problem, headers: Record<string, string> = {}) {
    super(`${document.code}: ${document.detail}`);
    this.problem = document;
    this.headers = headers;
  }
}
