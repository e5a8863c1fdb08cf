import type { Box } from "../box/box.ts";
import {
  type OnRecord,
  type AnsweredScenario,
  four,
  nowTrusted,
  recordedAs,
  settled,
  thenAll,
} from "./answered-scenario.ts";

const trusted = (...folders: readonly string[]): OnRecord => recordedAs("trusted", folders);

/** Without an account it reaches a composer that asks for a login, and asks nothing more. */
const through = (...folders: readonly string[]) => thenAll("sign-in", folders);

const worktree = (box: Box): void => {
  box.repository("w/main");
  box.git("w/main", "worktree", "add", "--quiet", box.path("w/tree"));
};

export const copilotScenarios: readonly AnsweredScenario[] = [
  {
    name: "plain",
    why: "Remembered for the folder, not for this session only, and for none beside it.",
    arrange: (box) => [box.folder("w/plain"), box.folder("w/other")],
    folders: ["w/plain"],
    expect: [
      {
        is: {
          ...nowTrusted(["w/plain"]),
          recorded: trusted("w/plain"),
          then: [...through("w/plain"), { folder: "w/other", asks: "trust" }],
        },
      },
    ],
  },
  {
    name: "git-sub-folder",
    why: "Only the named folder is trusted, not the whole repository.",
    arrange: (box) => {
      box.repository("w/repo");
      box.folder("w/repo/a b.c");
    },
    folders: ["w/repo/a b.c"],
    expect: [
      {
        is: {
          ...nowTrusted(["w/repo/a b.c"]),
          recorded: trusted("w/repo/a b.c"),
          then: [...through("w/repo/a b.c"), { folder: "w/repo", asks: "trust" }],
        },
      },
    ],
  },
  {
    name: "worktree",
    why: "A linked worktree's trust is recorded for its main checkout.",
    arrange: worktree,
    folders: ["w/tree"],
    expect: [
      {
        is: { ...nowTrusted(["w/main"]), recorded: trusted("w/main"), then: through("w/tree", "w/main") },
      },
    ],
  },
  {
    name: "symlink",
    why: "The key is the real path.",
    arrange: (box) => {
      box.folder("w/real");
      box.link("w/link", "w/real");
    },
    folders: ["w/link"],
    expect: [{ is: { ...nowTrusted(["w/real"]), recorded: trusted("w/real"), then: through("w/link") } }],
  },
  {
    name: "covered",
    why: "A trusted folder above covers a repository below it, and remains the only record.",
    arrange: (box) => {
      box.write(".copilot/config.json", { trustedFolders: [box.folder("w/all")] });
      box.repository("w/all/repo");
    },
    folders: ["w/all/repo"],
    expect: [
      {
        is: {
          ...settled(0, "already-trusted", "already-trusted", "w/all"),
          recorded: trusted("w/all"),
          then: through("w/all/repo"),
        },
      },
    ],
  },
  {
    name: "mcp",
    why: "A server in the repository's files is reported, also for a folder below its root.",
    arrange: (box) => {
      box.repository("w/repo");
      box.folder("w/repo/sub");
      box.write("w/repo/.mcp.json", { mcpServers: { demo: { command: "true", args: [] } } });
    },
    folders: ["w/repo/sub"],
    expect: [
      {
        is: {
          ...nowTrusted(["w/repo/sub"], ["mcp-server demo"]),
          recorded: trusted("w/repo/sub"),
          then: through("w/repo/sub"),
        },
      },
    ],
  },
  {
    name: "four-at-once",
    why: "Four programs write one file, and none loses another's entry.",
    arrange: (box) => four.forEach(box.folder),
    folders: four,
    expect: [{ is: { ...nowTrusted(four), recorded: trusted(...four), then: [] } }],
  },
  {
    name: "own-folder",
    why: "COPILOT_HOME moves the CLI's state. COPILOT_ALLOW_ALL, which stops it from asking, is not passed to it.",
    arrange: (box) => {
      box.folder("w/plain");
      box.write("moved/config.json", { trustedFolders: [] });
    },
    folders: ["w/plain"],
    env: (box) => ({ COPILOT_HOME: box.path("moved"), COPILOT_ALLOW_ALL: "true" }),
    stateFolder: "moved",
    expect: [{ is: { ...nowTrusted(["w/plain"]), recorded: trusted("w/plain"), then: [] } }],
  },
  {
    name: "without-persist",
    why: "Trust cannot be passed at launch, and without --persist nothing is started; then it asks.",
    unasked: true,
    arrange: (box) => void box.folder("w/plain"),
    folders: ["w/plain"],
    expect: [
      {
        is: {
          ...settled(3, "blocked", "consent-needed", "w/plain"),
          recorded: {},
          then: [{ folder: "w/plain", asks: "trust" }],
        },
      },
    ],
  },
];
