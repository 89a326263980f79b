import { runService } from '@herald/service-kit';
import { startSender } from './app.ts';
import { senderConfig } from './config.ts';
import { optionsOf } from './options-of.ts';

await runService({
  name: 'sender',
  config: senderConfig,
  start: async (runtime, config) => {
    startSender(runtime, optionsOf(config));
  },
});
