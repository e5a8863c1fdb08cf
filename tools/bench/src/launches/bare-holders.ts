import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { AgentProgram } from "./held-team.ts";

const program = fileURLToPath(new URL("./bare-holder.mjs", import.meta.url));

export type BareHolder = { readonly pid: number; readonly stop: () => Promise<void> };

/** Starts an agent in the bare holder. */
export const startBareHolder = async (agent: AgentProgram, folder: string): Promise<BareHolder> => {
  const child = spawn(process.execPath, [program, folder, agent.path], {
    env: agent.env,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "close");
  await once(child.stdout, "data");
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
};
