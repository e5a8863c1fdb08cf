import { trustPreflightEnv, type Environment } from "@trust/preflight";

/**
 * The environment of an agent that works in a folder. It has what a preflight gets, and the API key, which
 * the agent needs for its work. It has no variables of a surrounding session, another terminal or a team
 * runtime, and none that switch off the CLI's own trust check. node-pty 1.1.0 sets PWD in any case.
 */
export const agentEnvironment = (env: Environment, cwd: string): Readonly<Record<string, string>> => {
  const apiKey = env["ANTHROPIC_API_KEY"];
  return {
    ...trustPreflightEnv(env),
    ...(apiKey === undefined ? {} : { ANTHROPIC_API_KEY: apiKey }),
    PWD: cwd,
  };
};
