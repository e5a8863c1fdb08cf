import { apiKey } from "../record/agents.ts";
import { accepted, four, withoutPersist, type AnsweredScenario } from "./answered-scenario.ts";

const trusted = accepted("trusted");

/** A model on a port without a server, so that it asks for no login. */
const env = () => ({
  KIMI_MODEL_NAME: "demo",
  KIMI_MODEL_API_KEY: apiKey,
  KIMI_MODEL_BASE_URL: "http://127.0.0.1:9/v1",
});

const signedIn: readonly AnsweredScenario[] = [
  {
    name: "plain",
    why: "One file for one folder; it still asks in a folder below it.",
    arrange: (box) => void box.folder("w/plain/below"),
    folders: ["w/plain"],
    expect: [{ is: trusted(["w/plain"], { "w/plain": "ready", "w/plain/below": "trust" }) }],
  },
  {
    name: "git-sub-folder",
    why: "A repository is treated like any other folder.",
    arrange: (box) => {
      box.repository("w/repo");
      box.folder("w/repo/a b.c");
    },
    folders: ["w/repo/a b.c"],
    expect: [{ is: trusted(["w/repo/a b.c"], { "w/repo/a b.c": "ready", "w/repo": "trust" }) }],
  },
  {
    name: "worktree",
    why: "A linked worktree is a folder like any other: its main checkout is not trusted with it.",
    arrange: (box) => box.worktree("w/main", "w/tree"),
    folders: ["w/tree"],
    expect: [{ is: trusted(["w/tree"], { "w/tree": "ready", "w/main": "trust" }) }],
  },
  {
    name: "symlink",
    why: "The key is the real path.",
    arrange: (box) => {
      box.folder("w/real");
      box.link("w/link", "w/real");
    },
    folders: ["w/link"],
    expect: [{ is: trusted(["w/real"], { "w/link": "ready" }) }],
  },
  {
    name: "mcp",
    why: "The servers of the repository and of the folder are reported.",
    arrange: (box) => {
      const server = { command: "true", args: [] };
      box.repository("w/repo");
      box.write("w/repo/.mcp.json", { mcpServers: { root: server } });
      box.write("w/repo/sub/.kimi-code/mcp.json", { mcpServers: { own: server } });
    },
    folders: ["w/repo/sub"],
    expect: [
      {
        is: trusted(
          ["w/repo/sub"],
          { "w/repo/sub": "ready" },
          { grants: ["mcp-server root", "mcp-server own"] },
        ),
      },
    ],
  },
  {
    name: "four-at-once",
    why: "Each folder has a separate file.",
    arrange: (box) => four.forEach(box.folder),
    folders: four,
    expect: [{ is: trusted(four) }],
  },
  {
    name: "own-folder",
    why: "KIMI_CODE_HOME moves the CLI's state.",
    arrange: (box) => void box.folder("w/plain"),
    folders: ["w/plain"],
    env: (box) => ({ ...env(), KIMI_CODE_HOME: box.path("moved") }),
    stateFolder: "moved",
    expect: [{ is: trusted(["w/plain"], { "w/plain": "ready" }) }],
  },
  withoutPersist,
];

export const kimiScenarios: readonly AnsweredScenario[] = [
  ...signedIn.map((row): AnsweredScenario => ({ env, ...row })),
  {
    name: "signed-out",
    why: "It asks for trust before a login, so no login is needed.",
    arrange: (box) => void box.folder("w/plain"),
    folders: ["w/plain"],
    expect: [{ is: trusted(["w/plain"], { "w/plain": "sign-in" }) }],
  },
];
