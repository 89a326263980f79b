import { serveDirectoryRebuild } from './admin/directory-rebuild/route.ts';
import { serveParkedEvents } from './admin/parked-events/route.ts';
import { serveBeginRebuild } from './admin/stats/begin-route.ts';
import { serveGenerations } from './admin/stats/generations-route.ts';
import { serveRebuildProgress } from './admin/stats/progress-route.ts';
import { serveChangeClient } from './clients/change-client/route.ts';
import { serveClientEvents } from './clients/client-events/route.ts';
import { serveClientMessages } from './clients/client-messages/route.ts';
import { serveExportClients } from './clients/export-clients/route.ts';
import { serveGetClient } from './clients/get-client/route.ts';
import { serveImportClients } from './clients/import-clients/route.ts';
import { serveListClients } from './clients/list-clients/route.ts';
import { serveRegisterClient } from './clients/register-client/route.ts';
import { serveRemoveClient } from './clients/remove-client/route.ts';
import { serveGetCommand } from './commands/get-command/route.ts';
import { serveDocumentation } from './documentation/serve-documentation.ts';
import type { GatewayApp, GatewayDependencies } from './http/context.ts';
import { serveOperationalRoutes } from './http/operational-routes.ts';
import { serveGetImport } from './imports/get-import/route.ts';
import { serveRejectedLines } from './imports/rejected-lines/route.ts';
import { serveReadLog } from './log/read-log/route.ts';
import { serveChangeMailing } from './mailings/change-mailing/route.ts';
import { serveCreateMailing } from './mailings/create-mailing/route.ts';
import { serveDeadlineProof } from './mailings/deadline-proof/route.ts';
import { serveGetMailing } from './mailings/get-mailing/route.ts';
import { serveListMailings } from './mailings/list-mailings/route.ts';
import { serveMailingEvents } from './mailings/mailing-events/route.ts';
import { servePreviewAudience } from './mailings/preview-audience/route.ts';
import { serveSteerMailing } from './mailings/steer-mailing/route.ts';
import { serveWhy } from './mailings/why/route.ts';
import { serveExportMessages } from './messages/export-messages/route.ts';
import { serveGetMessage } from './messages/get-message/route.ts';
import { serveMailingMessages } from './messages/mailing-messages/route.ts';
import { serveResumeProvider } from './monitor/resume-provider/route.ts';
import { serveMonitor } from './monitor/route.ts';
import { serveMailingStatistics } from './statistics/mailing-statistics/route.ts';
import { serveOverview } from './statistics/overview/route.ts';
import { serveStreamStatistics } from './statistics/stream-statistics/route.ts';

/** Every route there is, in the order of the documentation. */
export function serveAllRoutes(app: GatewayApp, dependencies: GatewayDependencies): void {
  const routes = [
    serveRegisterClient,
    serveListClients,
    serveImportClients,
    serveGetImport,
    serveRejectedLines,
    // Before the client of an id, which would take it for one.
    serveExportClients,
    serveGetClient,
    serveChangeClient,
    serveRemoveClient,
    serveClientMessages,
    serveClientEvents,
    serveCreateMailing,
    serveListMailings,
    servePreviewAudience,
    serveGetMailing,
    serveChangeMailing,
    serveSteerMailing,
    serveDeadlineProof,
    serveMailingEvents,
    serveMailingMessages,
    serveExportMessages,
    serveWhy,
    serveGetMessage,
    serveOverview,
    serveMailingStatistics,
    serveStreamStatistics,
    serveGetCommand,
    serveReadLog,
    serveMonitor,
    serveResumeProvider,
    serveBeginRebuild,
    serveRebuildProgress,
    serveGenerations,
    serveDirectoryRebuild,
    serveParkedEvents,
    serveOperationalRoutes,
  ];
  for (const serve of routes) serve(app, dependencies);
  serveDocumentation(app);
}
