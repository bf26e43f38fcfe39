import type { Gate } from '../gate.ts';
import { auditedRoutes } from './audited-routes.ts';
import { docPaths } from './doc-paths.ts';
import { environment } from './environment.ts';
import { fileLength } from './file-length.ts';
import { leftovers } from './leftovers.ts';
import { migrations } from './migrations.ts';
import { settingsInDocs } from './settings-table.ts';
import { stageWalls } from './stage-walls.ts';
import { workspaceWalls } from './workspace-walls.ts';

/** Every rule of this repository that no off-the-shelf tool checks. */
export const gates: Readonly<Record<string, Gate>> = {
  'file length': fileLength,
  'workspace walls': workspaceWalls,
  'stage walls': stageWalls,
  environment,
  leftovers,
  'document paths': docPaths,
  'settings table': settingsInDocs,
  migrations,
  'audited routes': auditedRoutes
};
