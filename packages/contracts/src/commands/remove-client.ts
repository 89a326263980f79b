import { z } from 'zod';

export const removeClient = z.object({ clientId: z.uuid(), expectedVersion: z.int().positive().optional() });
