import { probeTrust } from "@trust/claude-state-probe/node";
import { planFolder } from "./plan-claude-folder.ts";
import type { Strategy } from "../plan/strategy.ts";

/**
 * Claude Code: its own program is started in the folder, and confirms and records the trust itself. What drives it (a
 * terminal emulator among it) takes longer to load than a folder that is trusted already takes to be found so, hence the
 * late imports.
 */
export const claude: Strategy = {
  planner: (context) => (workspace) => planFolder(workspace, context),
  withConfirm: async (context, use) => {
    const [{ confirmClaude }, { confirmWith }, { promptedClaude }] = await Promise.all([
      import("../control/confirm-claude.ts"),
      import("../dialog/confirm-with.ts"),
      import("../dialog/prompted-claude.ts"),
    ]);
    const confirm = context.request.via === "dialog" ? confirmWith : confirmClaude;
    return confirm(context, promptedClaude(context), use);
  },
  launchTogether: null,
  // The caller's own environment counts here: it is what a CLI started now would see.
  statusReader:
    ({ request, provider, cli, home }) =>
    async (workspace) => {
      const cliVersion = cli?.version ?? undefined;
      const probe = await probeTrust({ workspace, env: request.env, home, cliVersion });
      const { state, code, key, file, why } = probe;
      return { workspace, provider, state, code, key, file, why };
    },
};
