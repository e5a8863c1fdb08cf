import { locateWorkspace, probeTrust, readGrants } from "@trust/claude-state-probe/node";
import { claudePlanner } from "./plan-claude-folder.ts";
import type { Strategy } from "../plan/strategy.ts";

/**
 * Claude Code: starts its program in the folder, which confirms and records trust itself. The imports are
 * late because the modules that drive it (a terminal emulator among them) take longer to load than finding an
 * already trusted folder.
 */
export const claude: Strategy = {
  planner: claudePlanner,
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
  // Uses the caller's own environment: a CLI started now would have it.
  statusReader:
    ({ request, provider, cli, home }) =>
    async (workspace) => {
      const cliVersion = cli?.version ?? undefined;
      const located = await locateWorkspace(workspace, { home });
      const place = located.ok ? { paths: located.value } : { workspace };
      const [{ state, code, key, file, why }, grants] = await Promise.all([
        probeTrust({ ...place, env: request.env, home, cliVersion }),
        located.ok ? readGrants(located.value) : null,
      ]);
      return { workspace, provider, state, code, key, file, why, grants };
    },
};
