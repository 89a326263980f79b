import { runService } from '@herald/service-kit';
import { startStats } from './app.ts';
import { statsConfig } from './config.ts';

await runService({ name: 'stats', config: statsConfig, start: startStats });
