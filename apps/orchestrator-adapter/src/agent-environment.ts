import { workingAgentEnv, type Environment } from "@trust/preflight";

/** The environment of an agent that works in a folder. node-pty 1.1.0 sets PWD in any case. */
export const agentEnvironment = (env: Environment, cwd: string): Readonly<Record<string, string>> => ({
  ...workingAgentEnv(env),
  PWD: cwd,
});
