import { agentRequest } from "./agents/agent-request.ts";
import { newFolders } from "./claude/new-folders.ts";
import { holderMemory } from "./holders/holder-memory.ts";
import { backups } from "./host/backup.ts";
import { chatAnswer } from "./host/chat-answer.ts";
import { decisions } from "./host/decisions.ts";
import { coldAnswer } from "./host/cold-answer.ts";
import { idleSessions } from "./host/idle-sessions.ts";
import { idleTasks } from "./host/tasks.ts";
import { toolPermission } from "./host/tool-permission.ts";
import { nclInside } from "./host/ncl-inside.ts";
import { consolePages } from "./host/pages.ts";
import { upgrade } from "./host/upgrade.ts";
import { pods } from "./pods/pods.ts";
import type { Measurement } from "./measurement.ts";

/** Everything that `npm run bench` measures, in this order. */
export const measurements: readonly Measurement[] = [
  ...newFolders,
  chatAnswer,
  toolPermission,
  coldAnswer,
  nclInside,
  idleSessions,
  idleTasks,
  ...backups,
  upgrade,
  ...decisions,
  holderMemory,
  agentRequest,
  ...consolePages,
  ...pods,
];
