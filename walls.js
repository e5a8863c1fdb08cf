/** npm packages that a core may import: they do no I/O of their own. */
export const pureLibraries = ["zod", "@xterm/headless", "toml", "yaml", "js-yaml", "diff", "string-width"];

/** The only imports from one published package into another: core to core, node to node. */
export const libraryEdges = [
  ["preflight", "dialog-engine"], // it drives the CLI's dialogs
  ["preflight", "claude-state-probe"], // it proves trust from Claude's own state
  ["preflight", "codex-overrides"], // it hands Codex its trust at launch
  ["team-launch", "preflight"], // it plans and executes trust for the pairs of a team
  ["team-launch", "claude-state-probe"], // it spells workspaces as the keys of Claude's state
  ["team-launch", "codex-overrides"], // it applies the patches that carry Codex's trust
];

/** The private packages that a published one's node layer is bundled with. `std` is everybody's. */
export const bundledEdges = [
  ["preflight", "fs-kit"], // the lock of a CLI's state, the ledger as a file of one's own
  ["container-config", "sqlite"], // a file opened for the store, and its queries compiled once
  ["preflight", "processes"], // it ends the CLIs that it starts
  ["session-db", "sqlite"], // its two files opened, and a container's file read safely
  ["team-launch", "fs-kit"], // the lock of a team, the data folder
  ["team-launch", "processes"], // whether a launcher still runs, where no lock tells
  ["team-launch", "held-agents"], // its client, for programs that reach the agents that gatehouse holds
  ["container-runtime", "processes"], // what it started is recorded, found again and ended
];

/**
 * What each private package may import, by folder name: other private ones, and published ones (core and
 * node).
 */
export const privateEdges = {
  std: [],
  "cli-kit": [],
  "fs-kit": [],
  sqlite: [],
  postgres: [],
  processes: ["claude-state-probe"],
  "trust-cli": ["cli-kit", "fs-kit", "preflight", "dialog-engine", "claude-state-probe"],
  "npm-fetch": ["cli-kit"],
  "agent-terminal": ["fs-kit", "processes", "preflight", "dialog-engine"],
  "held-agents": [
    ...["cli-kit", "fs-kit", "logs", "processes", "socket-server"],
    ...["preflight", "dialog-engine"],
  ],
  "launch-commands": [
    ...["cli-kit", "fs-kit", "trust-cli", "held-agents"],
    ...["preflight", "dialog-engine", "team-launch"],
  ],
  "socket-server": ["cli-scope"],
  "group-workspace": ["fs-kit", "container-config"],
  "user-directory": ["control-plane", "sqlite", "cli-kit", "user-wizard"],
  "nanoclaw-import": [
    ...["control-plane", "sqlite", "fs-kit", "group-workspace", "cli-kit"],
    ...["container-config", "session-db"],
  ],
  logs: ["cli-kit", "fs-kit"],
  "data-folder": ["control-plane", "cli-kit", "fs-kit", "postgres", "sqlite", "socket-server"],
  "user-commands": [
    ...["cli-kit", "control-plane", "data-folder", "fs-kit", "processes", "user-directory"],
    ...["cli-scope", "user-wizard"],
  ],
  channels: ["control-plane", "sqlite", "fs-kit", "cli-kit", "socket-server", "cli-scope", "session-db"],
  sessions: [
    ...["channels", "control-plane", "sqlite", "fs-kit", "group-workspace", "socket-server"],
    ...["session-db", "container-runtime", "container-config", "cli-scope"],
    "dialog-engine", // it hides secrets in what is logged
  ],
  "test-kit": ["preflight", "dialog-engine"],
};

/**
 * The rooms of control-plane: what each may enter, and what it may import from elsewhere. It never knows
 * preflight.
 */
export const rooms = {
  database: {
    enters: [],
    imports: ["cli-kit", "fs-kit", "sqlite", "postgres", "container-config", "session-db"],
  },
  world: {
    enters: ["database"],
    imports: ["fs-kit", "sqlite", "group-workspace", "cli-scope", "container-config"],
  },
  decisions: { enters: ["database", "world"], imports: ["cli-scope"] },
  approvals: { enters: ["database", "world"], imports: ["cli-scope"] },
  intents: { enters: ["database", "world"], imports: ["cli-scope"] },
  sessions: { enters: ["database", "world"], imports: ["sqlite"] },
  resources: {
    enters: ["world", "approvals"],
    imports: ["group-workspace", "cli-scope", "container-config"],
  },
  groups: {
    enters: ["database", "world"],
    imports: ["cli-kit", "fs-kit", "group-workspace", "container-config"],
  },
  dispatch: {
    enters: ["database", "world", "decisions", "approvals", "intents", "sessions", "resources"],
    imports: ["sqlite", "postgres", "socket-server", "cli-scope"],
  },
};
