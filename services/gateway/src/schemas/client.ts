import { client as clientInLog, operatorCodePattern, phonePattern } from '@herald/contracts';
import { trimBlanks } from '@herald/domain';
import { z } from '@hono/zod-openapi';
import { named } from './named.ts';
import { label } from './text.ts';
import { timezone } from './timezone.ts';

const LONGEST_TAG = 100;

/** Blanks around are no part of a value: files and people write them. */
export const phone = z
  .string()
  .overwrite(trimBlanks)
  .regex(...phonePattern)
  .openapi({ example: '79161234567' });
export const operatorCode = z
  .string()
  .overwrite(trimBlanks)
  .regex(...operatorCodePattern);

/** Any label; empty means none. */
export const tag = label({ min: 0, max: LONGEST_TAG }).openapi({ example: 'vip' });

/** What a new client is made of. The lines of an import fit the same schema. */
export const newClient = z
  .strictObject({
    phone,
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
