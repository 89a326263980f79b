import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const CHECKOUT = join(fileURLToPath(new URL('.', import.meta.url)), '..', '..');

/** What was fetched for this checkout; may be deleted at any time. */
export const TOOLS = join(CHECKOUT, '.tools');
