import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { z } from 'zod';

export interface FieldError {
  /** The path to the field, such as `rules.0.probability`. */
  readonly field: string;
  readonly message: string;
}

/** Answers with a problem document (RFC 9457). */
export function sendProblem(
  response: ServerResponse,
  status: number,
  detail: string,
  errors?: readonly FieldError[],
): void {
  const problem = { type: 'about:blank', title: STATUS_CODES[status], status, detail, errors };
  const body = JSON.stringify(problem);
  response.writeHead(status, {
    'Content-Type': 'application/problem+json',
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}

export function sendJson(response: ServerResponse, document: unknown): void {
  const body = JSON.stringify(document);
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) });
  response.end(body);
}

export function sendNoContent(response: ServerResponse): void {
  response.writeHead(204);
  response.end();
}

/** What zod complains about, by field; an unknown field is named itself, not only the object it stands in. */
export function fieldErrors(error: z.ZodError): FieldError[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ field: [...issue.path, key].join('.'), message: 'unknown field' }));
    }
    return [{ field: issue.path.join('.'), message: issue.message }];
  });
}

export function describe(errors: readonly FieldError[]): string {
  return errors.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`)).join('; ');
}
