/** Variables that would send requests past the gateway, or hand a key to the agent's programs. */
const foreign = /^(ANTHROPIC_|CLAUDE|OPENAI_|CODEX_|OPENCODE|AWS_BEARER|GOOGLE_)/;

type Environment = Readonly<Record<string, string | undefined>>;

/** The runner's environment without the variables that change what a CLI asks, and whom. */
export const cliEnvironment = (env: Environment): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !foreign.test(name)));
