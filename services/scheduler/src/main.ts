import { runService } from '@herald/service-kit';
import { z } from 'zod';
import { startScheduler } from './app.ts';

await runService({ name: 'scheduler', config: z.object({}), start: startScheduler });
