import { z } from 'zod';

/**
 * The base URL of an HTTP API; may have a path and a query, which belong to every call. A login is refused, since calls
 * would go out without it, and so is a fragment, which never reaches a server.
 */
export const httpUrl = z.string().superRefine((text, context) => {
  const problem = problemOfHttpUrl(text);
  if (problem !== null) context.addIssue({ code: 'custom', message: problem });
});

function problemOfHttpUrl(text: string): string | null {
  if (!/^https?:\/\/[^/\\]/i.test(text) || !URL.canParse(text))
    return 'must be a URL with http:// or https://';
  if (/\s/.test(text)) return 'must not hold blanks';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') {
    return 'must not hold a login (user:password@), which would not be sent';
  }
  // An empty fragment leaves no trace in the parsed URL.
  if (text.includes('#')) return 'must not have a part behind #, which would not be sent';
  return null;
}

/**
 * What `pg` takes as a connection string: a URL with all its parameters (`?sslmode=…&sslrootcert=…`), `socket:` with a
 * path, or a path and a database. Refused is what `pg` would take for something else than what was meant.
 */
export const databaseUrl = z.string().superRefine((text, context) => {
  const problem = problemOfDatabaseUrl(text);
  if (problem !== null) context.addIssue({ code: 'custom', message: problem });
});

function problemOfDatabaseUrl(text: string): string | null {
  if (text.startsWith('/') || text.startsWith('socket:')) return null;
  if (!/^postgres(ql)?:\/\//i.test(text)) return 'must be a URL with postgres://';
  if (text.includes('#')) return 'must not hold #; in a password it is written %23';
  // `pg` knows hosts of sockets (`@/database?host=/run/postgresql`), which no URL has.
  const parsable = URL.canParse(text) ? text : text.replace('@/', '@socket/');
  if (!URL.canParse(parsable)) return 'must be a URL; odd characters in a password are written %XX';
  const { pathname } = new URL(parsable);
  if (/^\/.*\//.test(pathname)) return 'must have one database behind the host, and no further /';
  return null;
}
