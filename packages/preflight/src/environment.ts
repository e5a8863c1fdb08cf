import type { Environment } from "./request.ts";

/**
 * The variables that a preflight removes from the caller's environment, and why. A name ending in `*` is a
 * prefix.
 */
export const strippedVariables: readonly { readonly name: string; readonly why: string }[] = [
  { name: "CLAUDECODE", why: "set inside a Claude session; a nested Claude starts otherwise or not at all" },
  { name: "CLAUDE_CODE_ENTRYPOINT", why: "belongs to the surrounding session" },
  { name: "CLAUDE_CODE_SESSION_ID", why: "belongs to the surrounding session" },
  { name: "CLAUDE_CODE_SSE_PORT", why: "connects to an editor that nobody is looking at" },
  { name: "CLAUDE_CODE_SANDBOXED", why: "skips the trust dialog and records nothing (2.1.328)" },
  { name: "CLAUBBIT", why: "skips all set-up dialogs and records nothing (2.1.328)" },
  { name: "CLAUDE_CODE_IGNORE_PERSISTED_TRUST", why: "asks although trust is recorded (2.1.328)" },
  {
    name: "CLAUDE_ENABLE_DETERMINISTIC_TEAM_BOOTSTRAP",
    why: "starts a team; a preflight is no team runtime",
  },
  { name: "CLAUDE_TEAM_*", why: "a team runtime's control addresses and nonces" },
  { name: "AGENT_TEAMS_*", why: "a team runtime's own settings and hooks" },
  { name: "GATEHOUSE_*", why: "ours; no child has a use for it" },
  {
    name: "ANTHROPIC_API_KEY",
    why: "trust is recorded without it; under --bare 2.1.328 first tries it on the network, 5 s where that is down",
  },
  { name: "NODE_OPTIONS", why: "a debugger or a loader of ours must not reach a CLI that runs on Node" },
  { name: "TMUX*", why: "the terminal is ours, not the one we were started from" },
  { name: "STY", why: "as TMUX, for screen" },
  { name: "TERM_PROGRAM*", why: "Claude installs editor extensions where it sees an editor's terminal" },
  { name: "VSCODE_*", why: "as TERM_PROGRAM" },
  { name: "TERMINAL_EMULATOR", why: "as TERM_PROGRAM, for JetBrains" },
  { name: "COLUMNS", why: "the terminal's own size counts" },
  { name: "LINES", why: "as COLUMNS" },
  { name: "PWD", why: "the folder a CLI is started in is the real one, never a symlink to it" },
  { name: "OLDPWD", why: "as PWD" },
];

const isStripped = (name: string): boolean =>
  strippedVariables.some((row) =>
    row.name.endsWith("*") ? name.startsWith(row.name.slice(0, -1)) : name === row.name,
  );

/**
 * The environment of a CLI that is started only to record trust: the caller's, without the variables of a
 * session, a team or another terminal. Claude updates itself with `npm install -g` in the background, even
 * under another HOME, so updates are switched off.
 */
export const trustPreflightEnv = (env: Environment): { [name: string]: string } => ({
  ...Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !isStripped(entry[0]),
    ),
  ),
  TERM: "xterm-256color",
  DISABLE_AUTOUPDATER: "1",
});
