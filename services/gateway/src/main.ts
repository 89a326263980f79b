import { runService } from '@herald/service-kit';
import { startGateway } from './app.ts';
import { gatewayConfig } from './config.ts';

await runService({
  name: 'gateway',
  config: gatewayConfig,
  ownHttpServer: true,
  start: async (runtime, config) => {
    await startGateway(runtime, config);
  },
});
