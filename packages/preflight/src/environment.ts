import type { Environment } from "./request.ts";

/** The owner of a variable. A working agent keeps the variables of `runtime` and `work`. */
type Owner = "session" | "terminal" | "trust" | "host" | "runtime" | "work";

/**
 * The variables that a preflight removes from the caller's environment, and why. A name ending in `*` is a
 * prefix.
 */
export const strippedVariables: readonly {
  readonly name: string;
  readonly of: Owner;
  readonly why: string;
}[] = [
  {
    name: "CLAUDECODE",
    of: "session",
    why: "set inside a Claude session; a nested Claude starts otherwise or not at all",
  },
  { name: "CLAUDE_CODE_ENTRYPOINT", of: "session", why: "belongs to the surrounding session" },
  { name: "CLAUDE_CODE_SESSION_ID", of: "session", why: "belongs to the surrounding session" },
  { name: "CLAUDE_CODE_SSE_PORT", of: "session", why: "connects to an editor that is not in use here" },
  { name: "CLAUDE_CODE_SANDBOXED", of: "trust", why: "skips the trust dialog and records nothing (2.1.328)" },
  { name: "CLAUBBIT", of: "trust", why: "skips all set-up dialogs and records nothing (2.1.328)" },
  {
    name: "CLAUDE_CODE_IGNORE_PERSISTED_TRUST",
    of: "trust",
    why: "asks although trust is recorded (2.1.328)",
  },
  {
    name: "CLAUDE_ENABLE_DETERMINISTIC_TEAM_BOOTSTRAP",
    of: "runtime",
    why: "starts a team; a preflight is no team runtime",
  },
  { name: "CLAUDE_TEAM_*", of: "runtime", why: "a team runtime's control addresses and nonces" },
  { name: "AGENT_TEAMS_*", of: "runtime", why: "a team runtime's own settings and hooks" },
  { name: "GATEHOUSE_*", of: "host", why: "belongs to our host; one may hold a database's password" },
  {
    name: "ANTHROPIC_API_KEY",
    of: "work",
    why: "trust is recorded without it; under --bare 2.1.328 first tries it on the network, 5 s if that is down",
  },
  {
    name: "NODE_OPTIONS",
    of: "work",
    why: "a debugger or a loader of ours must not reach a CLI that runs on Node",
  },
  { name: "TMUX*", of: "terminal", why: "the CLI runs in our terminal, not in the one that started us" },
  { name: "STY", of: "terminal", why: "as TMUX, for screen" },
  {
    name: "TERM_PROGRAM*",
    of: "terminal",
    why: "Claude installs editor extensions if it detects an editor's terminal",
  },
  { name: "VSCODE_*", of: "terminal", why: "as TERM_PROGRAM" },
  { name: "TERMINAL_EMULATOR", of: "terminal", why: "as TERM_PROGRAM, for JetBrains" },
  { name: "COLUMNS", of: "terminal", why: "the terminal's own size counts" },
  { name: "LINES", of: "terminal", why: "as COLUMNS" },
  {
    name: "PWD",
    of: "terminal",
    why: "the folder a CLI is started in is the real one, never a symlink to it",
  },
  { name: "OLDPWD", of: "terminal", why: "as PWD" },
];

const ownerOf = (name: string): Owner | undefined =>
  strippedVariables.find((row) =>
    row.name.endsWith("*") ? name.startsWith(row.name.slice(0, -1)) : name === row.name,
  )?.of;

const without = (env: Environment, isOut: (owner: Owner) => boolean): { [name: string]: string } => ({
  ...Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => {
      const owner = ownerOf(entry[0]);
      return entry[1] !== undefined && (owner === undefined || !isOut(owner));
    }),
  ),
  TERM: "xterm-256color",
});

/**
 * The environment for recording trust: the caller's, without the variables of a session, team or terminal. Claude
 * updates itself with `npm install -g` in the background, even under another HOME, so a run that only records trust
 * switches updates off. A working agent keeps its user's update setting.
 */
export const trustPreflightEnv = (env: Environment): { [name: string]: string } => ({
  ...without(env, () => true),
  DISABLE_AUTOUPDATER: "1",
});

/**
 * The environment of an agent that works for a runtime: the caller's, without the variables of another session or
 * terminal, and without the variables that switch off the CLI's own trust check.
 */
export const workingAgentEnv = (env: Environment): { [name: string]: string } =>
  without(env, (owner) => owner !== "runtime" && owner !== "work");
