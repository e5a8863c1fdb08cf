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
  ["claude-state-probe", "processes"], // the lock of a CLI's state, and a watch on one file
  ["preflight", "processes"], // it ends the CLIs that it starts
  ["team-launch", "fs-kit"], // the lock of a team, the data folder
  ["team-launch", "processes"], // whether a launcher still runs, where no lock tells
  ["team-launch", "held-client"], // for programs that reach the agents that gatehouse holds
  ["container-runtime", "processes"], // what it started is recorded, found again and ended
];

/**
 * The floors of internal/, and what each private package may import, by folder name: private ones, and
 * published ones (core and node). `std` is everybody's. Foundation lies below the packages, and imports
 * nothing but itself; trust and host lie above them, and know nothing of each other.
 */
export const floors = {
  foundation: {
    std: [],
    "cli-kit": [],
    "fs-kit": [],
    sqlite: [],
    postgres: [],
    processes: [],
    logs: ["cli-kit", "fs-kit"],
    "socket-server": [],
    "npm-fetch": ["cli-kit"],
    "held-client": ["fs-kit", "processes", "socket-server"],
  },
  trust: {
    "trust-cli": ["cli-kit", "fs-kit", "preflight", "dialog-engine", "claude-state-probe"],
    "agent-terminal": ["fs-kit", "processes", "preflight", "dialog-engine"],
    "held-agents": ["cli-kit", "fs-kit", "processes", "socket-server", "held-client", "dialog-engine"],
    "agent-commands": [
      ...["cli-kit", "fs-kit", "logs", "trust-cli", "held-client"],
      ...["preflight", "dialog-engine", "team-launch"],
    ],
    "test-kit": ["preflight", "dialog-engine"],
  },
  host: {
    "group-workspace": ["fs-kit", "container-config"],
    "agent-clis": ["fs-kit", "processes", "claude-state-probe", "preflight"],
    "central-database": ["cli-kit", "fs-kit", "postgres", "sqlite", "container-config"],
    "command-context": [
      ...["agent-clis", "central-database", "group-workspace", "mounts"],
      ...["fs-kit", "sqlite"],
      ...["cli-scope", "container-config"],
    ],
    intents: ["central-database", "command-context", "cli-scope"],
    approvals: ["central-database", "command-context", "session-rows", "cli-scope"],
    "session-rows": [
      ...["central-database", "command-context"],
      ...["sqlite"],
      ...["container-config", "user-wizard"],
    ],
    "group-setup": [
      ...["central-database", "command-context", "group-workspace", "mounts"],
      ...["cli-kit", "fs-kit"],
      ...["container-config"],
    ],
    commands: [
      ...["agent-clis", "approvals", "command-context", "group-workspace"],
      "mounts", // its tests change the list of folders
      ...["cli-scope", "container-config"],
      "user-wizard", // it knows which fields of users.yaml are in force
    ],
    dispatch: [
      ...["approvals", "central-database", "command-context", "commands", "intents", "session-rows"],
      "mounts", // its tests let groups mount folders
      ...["postgres", "sqlite"],
      ...["cli-scope"],
    ],
    wire: ["central-database", "session-rows", "socket-server", "sqlite"],
    mounts: ["fs-kit", "container-config"],
    workloads: [
      ...["central-database", "group-workspace", "mounts", "session-rows", "wire"],
      ...["fs-kit", "container-config", "container-runtime"],
    ],
    "user-directory": [
      ...["agent-clis", "central-database", "intents"],
      ...["cli-kit", "sqlite"],
      ...["container-config", "user-wizard"],
    ],
    "data-folder": [
      ...["central-database", "intents"],
      ...["cli-kit", "fs-kit", "postgres", "socket-server", "sqlite"],
    ],
    "user-commands": [
      ...["agent-clis", "central-database", "data-folder", "user-directory"],
      ...["cli-kit", "fs-kit", "processes"],
      ...["cli-scope", "user-wizard"],
    ],
    gateway: [...["central-database", "session-rows"], ...["fs-kit", "socket-server"], "user-wizard"],
    engines: [
      ...["data-folder", "mounts", "workloads"],
      ...["cli-kit", "fs-kit", "container-config", "container-runtime"],
    ],
    "gateway-commands": [
      ...["agent-clis", "gateway", "central-database", "data-folder"],
      ...["cli-kit", "fs-kit"],
      ...["container-config", "preflight"],
    ],
    "first-run": [
      ...["agent-clis", "central-database", "data-folder", "gateway", "gateway-commands"],
      ...["group-setup", "group-workspace"],
      ...["cli-kit", "fs-kit", "socket-server"],
      ...["claude-state-probe", "container-config", "preflight"],
    ],
    "nanoclaw-import": [
      ...["central-database", "command-context", "group-setup", "group-workspace", "mounts"],
      ...["cli-kit", "fs-kit", "session-rows", "sqlite"],
      "container-config",
    ],
    channels: [
      ...["approvals", "central-database", "dispatch", "group-setup", "session-rows"],
      ...["cli-kit", "fs-kit", "socket-server", "sqlite"],
      "cli-scope",
    ],
    routing: ["approvals", "central-database", "channels", "command-context", "session-rows", "sqlite"],
    sessions: [
      ...[
        "approvals",
        "central-database",
        "channels",
        "dispatch",
        "group-workspace",
        "intents",
        "mounts", // its tests let groups mount folders
        "routing",
        "session-rows",
        "wire",
        "workloads",
      ],
      ...["fs-kit", "sqlite"],
      ...["cli-scope", "container-runtime"],
      "dialog-engine", // it hides secrets in what is logged
    ],
  },
};
