import { trustPreflightEnv, type Environment } from "@trust/preflight";

/**
 * The environment of an agent at work in a folder: what a preflight gets (nothing of a surrounding session, another
 * terminal or a team runtime, and nothing that switches the CLI's own trust off), and the API key, without which it could
 * do nothing. node-pty 1.1.0 sets PWD in any case.
 */
export const agentEnvironment = (env: Environment, cwd: string): Readonly<Record<string, string>> => {
  const apiKey = env["ANTHROPIC_API_KEY"];
  return {
    ...trustPreflightEnv(env),
    ...(apiKey === undefined ? {} : { ANTHROPIC_API_KEY: apiKey }),
    PWD: cwd,
  };
};
