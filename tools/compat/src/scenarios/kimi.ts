import { apiKey } from "../record/agents.ts";
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

const ready = (...folders: readonly string[]) => thenAll("ready", folders);

/** A model on a port without a server, so that it asks for no login. */
const env = () => ({
  KIMI_MODEL_NAME: "demo",
  KIMI_MODEL_API_KEY: apiKey,
  KIMI_MODEL_BASE_URL: "http://127.0.0.1:9/v1",
});

export const kimiScenarios: readonly AnsweredScenario[] = [
  {
    name: "plain",
    why: "One file for one folder; it still asks in a folder below it.",
    arrange: (box) => void box.folder("w/plain/below"),
    folders: ["w/plain"],
    env,
    expect: [
      {
        is: {
          ...nowTrusted(["w/plain"]),
          recorded: trusted("w/plain"),
          then: [...ready("w/plain"), { folder: "w/plain/below", asks: "trust" }],
        },
      },
    ],
  },
  {
    name: "git-sub-folder",
    why: "A repository is treated like any other folder.",
    arrange: (box) => {
      box.repository("w/repo");
      box.folder("w/repo/a b.c");
    },
    folders: ["w/repo/a b.c"],
    env,
    expect: [
      {
        is: {
          ...nowTrusted(["w/repo/a b.c"]),
          recorded: trusted("w/repo/a b.c"),
          then: [...ready("w/repo/a b.c"), { folder: "w/repo", asks: "trust" }],
        },
      },
    ],
  },
  {
    name: "worktree",
    why: "A linked worktree is a folder like any other: its main checkout is not trusted with it.",
    arrange: (box) => {
      box.repository("w/main");
      box.git("w/main", "worktree", "add", "--quiet", box.path("w/tree"));
    },
    folders: ["w/tree"],
    env,
    expect: [
      {
        is: {
          ...nowTrusted(["w/tree"]),
          recorded: trusted("w/tree"),
          then: [...ready("w/tree"), { folder: "w/main", asks: "trust" }],
        },
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
    env,
    expect: [{ is: { ...nowTrusted(["w/real"]), recorded: trusted("w/real"), then: ready("w/link") } }],
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
    env,
    expect: [
      {
        is: {
          ...nowTrusted(["w/repo/sub"], ["mcp-server root", "mcp-server own"]),
          recorded: trusted("w/repo/sub"),
          then: ready("w/repo/sub"),
        },
      },
    ],
  },
  {
    name: "four-at-once",
    why: "Each folder has a separate file.",
    arrange: (box) => four.forEach(box.folder),
    folders: four,
    env,
    expect: [{ is: { ...nowTrusted(four), recorded: trusted(...four), then: [] } }],
  },
  {
    name: "own-folder",
    why: "KIMI_CODE_HOME moves the CLI's state.",
    arrange: (box) => void box.folder("w/plain"),
    folders: ["w/plain"],
    env: (box) => ({ ...env(), KIMI_CODE_HOME: box.path("moved") }),
    stateFolder: "moved",
    expect: [{ is: { ...nowTrusted(["w/plain"]), recorded: trusted("w/plain"), then: ready("w/plain") } }],
  },
  {
    name: "signed-out",
    why: "It asks for trust before a login, so no login is needed.",
    arrange: (box) => void box.folder("w/plain"),
    folders: ["w/plain"],
    expect: [
      {
        is: {
          ...nowTrusted(["w/plain"]),
          recorded: trusted("w/plain"),
          then: [{ folder: "w/plain", asks: "sign-in" }],
        },
      },
    ],
  },
  {
    name: "without-persist",
    why: "Trust cannot be passed at launch, and without --persist nothing is started; then it asks.",
    unasked: true,
    arrange: (box) => void box.folder("w/plain"),
    folders: ["w/plain"],
    env,
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
