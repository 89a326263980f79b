import { z } from 'zod';

/** A moment as it stands in events and queries: ISO 8601 in UTC with milliseconds, `2026-01-31T09:00:00.000Z`. */
export const instant = z.iso.datetime({ precision: 3 });
