import type { z } from '@hono/zod-openapi';

/**
 * A schema of the contracts under a name in the OpenAPI document. What was made before the OpenAPI library was loaded
 * does not know `openapi()`; a copy made now does, whatever the order of imports.
 */
export const named = <Schema extends z.ZodType>(schema: Schema, name: string): Schema =>
  schema.clone().openapi(name);
