import { answerEntity } from '../commands/answer-command.ts';

/** An entity that was read; 304 without a body where the reader has this version already. */
export function answerRead(entity: { version: number }, ifNoneMatch: string | undefined): Response {
  const tag = `"${entity.version}"`;
  const known = ifNoneMatch?.split(',').map((part) => part.trim().replace(/^W\//, '')) ?? [];
  if (known.includes(tag) || known.includes('*')) {
    return new Response(null, { status: 304, headers: { ETag: tag } });
  }
  return answerEntity(entity);
}
