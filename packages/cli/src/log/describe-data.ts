import { z } from 'zod';
import { oneLine } from '../output/text.ts';

const mailing = z.looseObject({
  id: z.string(),
  status: z.string(),
  version: z.number(),
  name: z.string().nullable(),
});
const client = z.looseObject({
  id: z.string(),
  phone: z.string(),
  operatorCode: z.string(),
  tag: z.string(),
  timezone: z.string(),
  version: z.number(),
});

/** What an event says, as one line for people: which entity, in which state, and how many of what is a list. `--json` has all of it. */
export function describeData(data: unknown): string {
  if (typeof data !== 'object' || data === null) return '';
  const parts = Object.entries(data).flatMap(([name, value]) => {
    const text = describe(name, value);
    return text === '' ? [] : [text];
  });
  return oneLine(parts.join(', '));
}

function describe(name: string, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.length === 0 ? '' : `${name} ${value.length}`;
  if (typeof value !== 'object') return `${name} ${String(value)}`;
  return describeMailing(value) ?? describeClient(value) ?? `${name} ${JSON.stringify(value)}`;
}

function describeMailing(value: object): string | undefined {
  const found = mailing.safeParse(value).data;
  if (found === undefined) return undefined;
  const name = found.name === null ? '' : ` ${JSON.stringify(found.name)}`;
  return `mailing ${found.id}${name} ${found.status}, version ${found.version}`;
}

function describeClient(value: object): string | undefined {
  const found = client.safeParse(value).data;
  if (found === undefined) return undefined;
  const tag = found.tag === '' ? '' : ` ${JSON.stringify(found.tag)}`;
  return `client ${found.id} ${found.phone} ${found.operatorCode}${tag} ${found.timezone}, version ${found.version}`;
}
