import type { Box } from "../box/box.ts";
import { agents } from "../record/agents.ts";
import type { ByVersion } from "../clis/version.ts";
import { inAll, type Asks, type LaunchExpected, type LaunchScenario } from "./launch-scenario.ts";
import type { ExpectedResult } from "./scenario.ts";

const stateFile = ".codex/config.toml";

/**
 * The config.toml of a person. Codex itself adds to a new one: that it looked for a screen reader (0.169.0),
 * and which models it has announced (0.125.0; and in 0.169.0 seconds after its composer is shown, in any
 * trusted folder).
 * 0.101.0 asks about a newer model after trust. With these settings it has no reason to do so.
 */
const written = `# by hand
model_reasoning_effort   =   "high"

[tui]
screen_reader_detection_done = true

[tui.model_availability_nux]
"gpt-5.5" = 4
"gpt-6.1-sol" = 4

[notice.model_migrations]
"gpt-5.2-codex" = "gpt-5.3-codex"
`;

const entry = (box: Box, folder: string, level: string): string =>
  `\n[projects.${JSON.stringify(box.path(folder))}]\ntrust_level = "${level}"\n`;

/** The config.toml, with these entries about folders. */
const config = (box: Box, entries: Readonly<Record<string, string>> = {}): string =>
  [written, ...Object.entries(entries).map(([folder, level]) => entry(box, folder, level))].join("");

/** A set-up profile. */
export const profile = (box: Box, entries?: Readonly<Record<string, string>>): void => {
  agents.codex.setUp(box);
  box.write(stateFile, config(box, entries));
};

const passed = (trustKey: string): ExpectedResult => ({
  status: "not-needed",
  code: "passed-at-launch",
  trustKey,
});
const already = (trustKey: string): ExpectedResult => ({
  status: "already-trusted",
  code: "already-trusted",
  trustKey,
});
const refused = (trustKey: string): ExpectedResult => ({
  status: "blocked",
  code: "untrusted-by-user",
  trustKey,
});

/** With these folders passed at launch, Codex asks nothing; without them, it asks for trust. */
const passedAtLaunch = (folders: readonly string[], launchEnv: readonly string[] = []): LaunchExpected => ({
  exit: 0,
  results: folders.map(passed),
  launchEnv,
  withLaunch: inAll(folders, "ready"),
  withoutLaunch: inAll(folders, "trust"),
});

/** A dialog comes before trust, and is left to a person. */
const before = (folder: string, asks: Asks): LaunchExpected => ({
  ...passedAtLaunch([folder]),
  withLaunch: { [folder]: asks },
  withoutLaunch: {},
});

/** A repository of this name. */
const repository = (name: string, folder: string, why: string): LaunchScenario => ({
  name,
  why,
  arrange: (box) => {
    profile(box);
    box.repository(folder);
  },
  folders: [folder],
  stateFile,
  expect: [{ is: passedAtLaunch([folder]) }],
});

/** A repository of a strange name. */
const strange = (name: string, folder: string, why: string): LaunchScenario => ({
  ...repository(name, folder, why),
  isAboutFolder: true,
});

/** Up to 0.155.1 an untrusted folder is opened without a message; 0.169.0 says that it is restricted. */
const withUntrusted = (expected: (asks: Asks) => LaunchExpected): ByVersion<LaunchExpected> => [
  { upTo: "0.155.1", is: expected("ready") },
  { is: expected("restricted") },
];

/** Two folders, one of them untrusted in config.toml. */
const besideUntrusted = (asks: Asks): LaunchExpected => ({
  exit: 1,
  results: [refused("w/repo"), passed("w/new")],
  launchEnv: [],
  withLaunch: { "w/new": "ready", "w/repo": asks },
  withoutLaunch: {},
});

export const codexScenarios: readonly LaunchScenario[] = [
  {
    name: "plain",
    why: "Outside of repositories newer versions do not ask (both sides seen: 0.159.1 and 0.161.0).",
    arrange: (box) => {
      profile(box);
      box.folder("w/plain");
    },
    folders: ["w/plain"],
    stateFile,
    expect: [
      { upTo: "0.159.1", is: passedAtLaunch(["w/plain"]) },
      {
        is: {
          exit: 0,
          results: [{ status: "not-needed", code: "not-asked", trustKey: "w/plain" }],
          launchEnv: null,
          withLaunch: {},
          withoutLaunch: { "w/plain": "ready" },
        },
      },
    ],
  },
  repository("git-root", "w/repo", "The simplest case in which every version asks."),
  {
    name: "git-sub-folder",
    isAboutFolder: true,
    why: "Only the named folder is trusted, not the whole repository.",
    arrange: (box) => {
      profile(box);
      box.repository("w/repo");
      box.folder("w/repo/a/b");
    },
    folders: ["w/repo/a/b"],
    stateFile,
    expect: [{ is: passedAtLaunch(["w/repo/a/b"]) }],
  },
  {
    name: "worktree",
    isAboutFolder: true,
    why: "A linked worktree is passed by its own path, not by its main checkout's.",
    arrange: (box) => {
      profile(box);
      box.worktree("w/main", "w/tree");
    },
    folders: ["w/tree"],
    stateFile,
    expect: [{ is: passedAtLaunch(["w/tree"]) }],
  },
  strange("dots", "w/my app.v2/.hidden", "A dotted key would be split here."),
  strange("spaces", "w/a folder  with spaces", "Nothing splits a path at its spaces."),
  strange("quotes", `w/it's "quoted" and $HOME`, "A TOML string is escaped, and no shell reads it."),
  strange("brackets", "w/[a]{b}=#,c", "What means something in TOML means nothing in a string."),
  strange("non-ascii", "w/Grüße-日本語-🚪", "Keys are text, not bytes."),
  {
    name: "two-folders",
    isAboutFolder: true,
    why: "Of two -c only the last would count, so one launch names both folders.",
    arrange: (box) => {
      profile(box);
      box.repository("w/one");
      box.repository("w/two");
    },
    folders: ["w/one", "w/two"],
    stateFile,
    expect: [{ is: passedAtLaunch(["w/one", "w/two"]) }],
  },
  {
    name: "existing-projects",
    why: "What config.toml says of other folders stays in force beside a launch. Up to 0.66.0 Codex would put the launch in its place, so that it is repeated there (both sides seen: 0.66.0 and 0.72.0).",
    arrange: (box) => {
      profile(box, { "w/mine": "trusted", "w/other": "trusted" });
      ["w/mine", "w/other", "w/new"].forEach(box.repository);
    },
    folders: ["w/mine", "w/new"],
    stateFile,
    expect: [
      {
        is: {
          exit: 0,
          results: [already("w/mine"), passed("w/new")],
          launchEnv: [],
          withLaunch: inAll(["w/new", "w/mine", "w/other"], "ready"),
          withoutLaunch: { "w/new": "trust" },
        },
      },
    ],
  },
  {
    name: "untrusted",
    why: "A folder that the user marked as untrusted is not passed, and stays untrusted.",
    arrange: (box) => {
      profile(box, { "w/repo": "untrusted" });
      box.repository("w/repo");
    },
    folders: ["w/repo"],
    stateFile,
    expect: withUntrusted((asks) => ({
      exit: 1,
      results: [refused("w/repo")],
      launchEnv: null,
      withLaunch: {},
      withoutLaunch: { "w/repo": asks },
    })),
  },
  {
    name: "untrusted-beside",
    why: "A launch for another folder does not affect the untrusted one: it is neither opened nor asked about.",
    arrange: (box) => {
      profile(box, { "w/repo": "untrusted" });
      ["w/repo", "w/new"].forEach(box.repository);
    },
    folders: ["w/repo", "w/new"],
    stateFile,
    expect: withUntrusted(besideUntrusted),
  },
  {
    name: "codex-home",
    isAboutFolder: true,
    why: "CODEX_HOME moves the state, and belongs to the launch.",
    arrange: (box) => {
      agents.codex.setUp(box);
      box.write("elsewhere/config.toml", config(box));
      box.link("elsewhere/auth.json", ".codex/auth.json");
      box.repository("w/repo");
    },
    folders: ["w/repo"],
    env: (box) => ({ CODEX_HOME: box.path("elsewhere") }),
    stateFile: "elsewhere/config.toml",
    expect: [{ is: passedAtLaunch(["w/repo"], ["CODEX_HOME"]) }],
  },
  {
    name: "update-pending",
    why: "The offer of a newer version comes before trust, with its pointer on npm install -g.",
    arrange: (box) => {
      profile(box);
      box.write(".codex/version.json", {
        latest_version: "99.0.0",
        last_checked_at: new Date().toISOString(),
        dismissed_version: null,
      });
      box.repository("w/repo");
    },
    folders: ["w/repo"],
    stateFile,
    expect: [{ is: before("w/repo", "update") }],
  },
  {
    name: "signed-out",
    why: "A person has to sign in first; a launch does not change that.",
    arrange: (box) => {
      box.write(stateFile, config(box));
      box.repository("w/repo");
    },
    folders: ["w/repo"],
    stateFile,
    expect: [{ is: before("w/repo", "sign-in") }],
  },
];
