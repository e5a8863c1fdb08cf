import { realpathSync } from "node:fs";
import type { StartedFolder } from "@trust/dialog-engine";
import { homeOf } from "@gatehouse/fs-kit";
import type { AgentStart } from "./agent-start.ts";

/**
 * The folder that the agent's trust dialog must name. A CLI shows the real path, even if it was started
 * through a link.
 */
export const startedFolder = ({ cwd, env }: Pick<AgentStart, "cwd" | "env">): StartedFolder => ({
  path: realpathSync.native(cwd),
  home: homeOf(env),
});
