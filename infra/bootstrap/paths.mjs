import { join } from 'node:path';

export const CHECKOUT = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '..', '..');

/** What was fetched for this checkout; may be deleted at any time. */
export const TOOLS = join(CHECKOUT, '.tools');
