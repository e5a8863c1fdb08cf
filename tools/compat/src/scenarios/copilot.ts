import { accepted, four, withoutPersist, type AnsweredScenario } from "./answered-scenario.ts";

const trusted = accepted("trusted");

// Without an account it reaches a composer that asks for a login, and asks nothing more.
export const copilotScenarios: readonly AnsweredScenario[] = [
  {
    name: "plain",
    why: "Remembered for the folder, not for this session only, and for none beside it.",
    arrange: (box) => [box.folder("w/plain"), box.folder("w/other")],
    folders: ["w/plain"],
    expect: [{ is: trusted(["w/plain"], { "w/plain": "sign-in", "w/other": "trust" }) }],
  },
  {
    name: "git-sub-folder",
    why: "Only the named folder is trusted, not the whole repository.",
    arrange: (box) => {
      box.repository("w/repo");
      box.folder("w/repo/a b.c");
    },
    folders: ["w/repo/a b.c"],
    expect: [{ is: trusted(["w/repo/a b.c"], { "w/repo/a b.c": "sign-in", "w/repo": "trust" }) }],
  },
  {
    name: "worktree",
    why: "A linked worktree's trust is recorded for its main checkout.",
    arrange: (box) => box.worktree("w/main", "w/tree"),
    folders: ["w/tree"],
    expect: [{ is: trusted(["w/main"], { "w/tree": "sign-in", "w/main": "sign-in" }) }],
  },
  {
    name: "symlink",
    why: "The key is the real path.",
    arrange: (box) => {
      box.folder("w/real");
      box.link("w/link", "w/real");
    },
    folders: ["w/link"],
    expect: [{ is: trusted(["w/real"], { "w/link": "sign-in" }) }],
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
          exit: 0,
          results: [{ status: "already-trusted", code: "already-trusted", trustKey: "w/all" }],
          recorded: { "w/all": "trusted" },
          then: { "w/all/repo": "sign-in" },
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
    expect: [{ is: trusted(["w/repo/sub"], { "w/repo/sub": "sign-in" }, { grants: ["mcp-server demo"] }) }],
  },
  {
    name: "four-at-once",
    why: "Four programs write one file, and none loses another's entry.",
    arrange: (box) => four.forEach(box.folder),
    folders: four,
    expect: [{ is: trusted(four) }],
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
    expect: [{ is: trusted(["w/plain"]) }],
  },
  withoutPersist,
];
