import { probeTrust, trustSnapshot } from "@trust/claude-state-probe/node";
import { claudePlanner } from "./plan-claude-folder.ts";
import type { Strategy } from "../plan/strategy.ts";

/**
 * Claude Code: starts the program in the folder, and the program records trust itself. The imports are late because the
 * modules that drive it (a terminal emulator among them) take longer to load than finding a folder that is already
 * trusted.
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
  // Uses the caller's own environment, as a CLI that the caller starts would.
  statusReader: ({ request: { env }, provider, cli, home }, locate) => {
    const asking = { env, home, cliVersion: cli?.version ?? undefined };
    const snapshot = trustSnapshot(asking);
    return async (workspace) => {
      const located = await locate(workspace);
      const [{ state, code, key, file, why }, grants] = await (located.ok
        ? Promise.all([snapshot.probe(located.value), snapshot.grants(located.value)])
        : Promise.all([probeTrust({ workspace, ...asking }), null]));
      return { workspace, provider, state, code, key, file, why, grants };
    };
  },
};
