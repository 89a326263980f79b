import { runService } from '@herald/service-kit';
import { startMailing } from './app.ts';
import { mailingConfig } from './config.ts';

await runService({ name: 'mailing', config: mailingConfig, start: startMailing });
