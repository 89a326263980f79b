import { client as clientInLog, operatorCode, phone } from '@herald/contracts';
import { z } from '@hono/zod-openapi';
import { named } from './named.ts';
import { text } from './text.ts';
import { timezone } from './timezone.ts';

const LONGEST_TAG = 100;

/** Any label; empty means none. */
export const tag = text({ min: 0, max: LONGEST_TAG }).openapi({ example: 'vip' });

/** What a new client is made of. The lines of an import fit the same schema. */
export const newClient = z
  .strictObject({
    phone: phone.clone().openapi({ example: '79161234567' }),
    timezone,
    operatorCode: operatorCode
      .optional()
      .openapi({ description: "By default the phone's second to fourth digit", example: '916' }),
    tag: tag.optional().openapi({ description: 'By default empty' }),
  })
  .openapi('NewClient');

/** A merge patch: what is absent stays, `null` goes back to the default. A changed phone keeps the operator code. */
export const clientPatch = z
  .strictObject({
    phone: phone.optional(),
    timezone: timezone.optional(),
    operatorCode: operatorCode.nullable().optional(),
    tag: tag.nullable().optional(),
  })
  .openapi('ClientPatch');

/** A client, as it is answered. */
export const client = named(clientInLog, 'Client');
