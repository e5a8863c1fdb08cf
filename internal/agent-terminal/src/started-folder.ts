import { realpathSync } from "node:fs";
import type { StartedFolder } from "@trust/dialog-engine";
import { homeOf } from "@gatehouse/fs-kit";
import type { AgentStart } from "./agent-start.ts";

/** The folder that a trust dialog of the agent must be about. A CLI shows the real one, however it was reached. */
export const startedFolder = ({ cwd, env }: Pick<AgentStart, "cwd" | "env">): StartedFolder => ({
  path: realpathSync.native(cwd),
  home: homeOf(env),
});
