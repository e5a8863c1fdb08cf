import type { Strategy } from "./strategy.ts";
import { withBatch } from "./batch.ts";
import { confirmFolder } from "./confirm-folder.ts";
import { planFolder } from "./plan-folder.ts";

/** Claude Code: its own program is started in the folder, and confirms and records the trust itself. */
export const claude: Strategy = {
  planFolder,
  withConfirm: (context, use) => withBatch(context, (batch) => use((folder) => confirmFolder(folder, batch))),
};
