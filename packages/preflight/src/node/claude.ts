import { planFolder } from "./plan-folder.ts";
import type { Strategy } from "./strategy.ts";

/**
 * Claude Code: its own program is started in the folder, and confirms and records the trust itself. What drives it (a
 * terminal emulator among it) takes longer to load than a folder that is trusted already takes to be found so, hence the
 * late imports.
 */
export const claude: Strategy = {
  planFolder,
  withConfirm: async (context, use) => {
    const [{ withBatch }, { confirmFolder }] = await Promise.all([
      import("./batch.ts"),
      import("./confirm-folder.ts"),
    ]);
    return withBatch(context, (batch) => use((group) => confirmFolder(group, batch)));
  },
};
