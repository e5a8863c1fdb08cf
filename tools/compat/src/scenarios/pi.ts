import type { Box } from "../box/box.ts";
import type { ByVersion } from "../clis/version.ts";
import { apiKey } from "../record/agents.ts";
import {
  four,
  nowTrusted,
  recordedAs,
  settled,
  thenAll,
  type AnsweredExpected,
  type AnsweredScenario,
} from "./answered-scenario.ts";
import type { LaunchExpected, LaunchScenario } from "./launch-scenario.ts";

const stateFile = ".pi/agent/trust.json";
/** With any provider's key it reaches a usable composer. */
const env = () => ({ OPENAI_API_KEY: apiKey });
/** The last version without a trust dialog. */
const unasked = "0.78.1";

/** Makes folders with their own settings, in which pi asks. */
const asking =
  (...folders: readonly string[]) =>
  (box: Box): void => {
    for (const folder of folders) box.write(`${folder}/.pi/settings.json`, { theme: "dark" });
  };

const result = (code: string, trustKey: string | null) => ({ status: "not-needed", code, trustKey });

/** In this folder pi asks nothing, and no trust has to be passed. */
const quiet = (folder: string, code: "not-needed" | "not-asked"): LaunchExpected => ({
  exit: 0,
  results: [result(code, code === "not-needed" ? null : folder)],
  launchEnv: null,
  told: [],
  untold: [{ folder, asks: "ready" }],
});

/** With trust passed at launch pi asks nothing; without it, it asks for trust. */
const told = (folder: string): LaunchExpected => ({
  exit: 0,
  results: [result("passed-at-launch", folder)],
  launchEnv: [],
  told: [{ folder, asks: "ready" }],
  untold: [{ folder, asks: "trust" }],
});

export const piScenarios: readonly LaunchScenario[] = [
  {
    name: "own-settings",
    why: "It asks in a folder with its own settings, and gets trust at launch.",
    arrange: asking("w/own"),
    folders: ["w/own"],
    env,
    stateFile,
    expect: [{ upTo: unasked, is: quiet("w/own", "not-needed") }, { is: told("w/own") }],
  },
  {
    name: "plain",
    why: "In a folder without its own settings it does not ask.",
    arrange: (box) => void box.folder("w/plain"),
    folders: ["w/plain"],
    env,
    stateFile,
    expect: [{ upTo: unasked, is: quiet("w/plain", "not-needed") }, { is: quiet("w/plain", "not-asked") }],
  },
  {
    name: "instructions",
    why: "Only 0.79.0 asks about AGENTS.md.",
    arrange: (box) => box.write("w/repo/AGENTS.md", "Hello.\n"),
    folders: ["w/repo"],
    env,
    stateFile,
    expect: [
      { upTo: unasked, is: quiet("w/repo", "not-needed") },
      { upTo: "0.79.0", is: told("w/repo") },
      { is: quiet("w/repo", "not-asked") },
    ],
  },
  {
    name: "bare-folder",
    why: "A .pi without files that pi loads: only the first versions ask.",
    arrange: (box) => void box.folder("w/bare/.pi"),
    folders: ["w/bare"],
    env,
    stateFile,
    expect: [
      { upTo: unasked, is: quiet("w/bare", "not-needed") },
      { upTo: "0.79.0", is: told("w/bare") },
      { is: quiet("w/bare", "not-asked") },
    ],
  },
  {
    name: "skills-above",
    why: "The skills of a folder above count too.",
    arrange: (box) => {
      box.write("w/all/.agents/skills/s/SKILL.md", "---\nname: s\ndescription: A skill.\n---\nHello.\n");
      box.folder("w/all/one");
    },
    folders: ["w/all/one"],
    env,
    stateFile,
    expect: [{ upTo: unasked, is: quiet("w/all/one", "not-needed") }, { is: told("w/all/one") }],
  },
  {
    name: "existing-entries",
    why: "The entries of trust.json stay in force and unchanged.",
    arrange: (box) => {
      asking("w/mine")(box);
      box.write(stateFile, { [box.path("w/mine")]: true });
    },
    folders: ["w/mine"],
    env,
    stateFile,
    expect: [
      { upTo: unasked, is: quiet("w/mine", "not-needed") },
      {
        is: {
          exit: 0,
          results: [{ status: "already-trusted", code: "already-trusted", trustKey: "w/mine" }],
          launchEnv: null,
          told: [],
          untold: [{ folder: "w/mine", asks: "ready" }],
        },
      },
    ],
  },
];

/** Before it had a trust dialog, it asked nothing, recorded nothing, and ignored records. */
const before = (
  folders: readonly string[],
  recorded: AnsweredExpected["recorded"] = {},
): { readonly upTo: string; readonly is: AnsweredExpected } => ({
  upTo: unasked,
  is: { exit: 0, results: folders.map(() => result("not-needed", null)), recorded, then: [] },
});

const since = (
  folders: readonly string[],
  is: AnsweredExpected,
  recorded?: AnsweredExpected["recorded"],
): ByVersion<AnsweredExpected> => [before(folders, recorded), { is }];

const trusted = (...folders: readonly string[]) => recordedAs("trusted", folders);

/** With --persist its own dialog is answered. */
export const piPersistScenarios: readonly AnsweredScenario[] = [
  {
    name: "persisted",
    why: "Only the folder is trusted, not its parent: it still asks in the folder beside it.",
    arrange: asking("w/own", "w/other"),
    folders: ["w/own"],
    env,
    expect: since(["w/own"], {
      ...nowTrusted(["w/own"], ["setting theme"]),
      recorded: trusted("w/own"),
      then: [
        { folder: "w/own", asks: "ready" },
        { folder: "w/other", asks: "trust" },
      ],
    }),
  },
  {
    name: "persisted-below",
    why: "A trusted folder covers those below it, except in 0.79.0.",
    arrange: asking("w/own", "w/own/below"),
    folders: ["w/own"],
    env,
    expect: [
      before(["w/own"]),
      {
        upTo: "0.79.0",
        is: {
          ...nowTrusted(["w/own"], ["setting theme"]),
          recorded: trusted("w/own"),
          then: [{ folder: "w/own/below", asks: "trust" }],
        },
      },
      {
        is: {
          ...nowTrusted(["w/own"], ["setting theme"]),
          recorded: trusted("w/own"),
          then: thenAll("ready", ["w/own/below"]),
        },
      },
    ],
  },
  {
    name: "persisted-git-sub-folder",
    why: "A repository is treated like any other folder: the key is the folder.",
    arrange: (box) => {
      asking("w/repo", "w/repo/a b.c")(box);
      box.repository("w/repo");
    },
    folders: ["w/repo/a b.c"],
    env,
    expect: since(["w/repo/a b.c"], {
      ...nowTrusted(["w/repo/a b.c"], ["setting theme"]),
      recorded: trusted("w/repo/a b.c"),
      then: [
        { folder: "w/repo/a b.c", asks: "ready" },
        { folder: "w/repo", asks: "trust" },
      ],
    }),
  },
  {
    name: "persisted-symlink",
    why: "The key is the real path.",
    arrange: (box) => {
      asking("w/real")(box);
      box.link("w/link", "w/real");
    },
    folders: ["w/link"],
    env,
    expect: since(["w/link"], {
      ...nowTrusted(["w/real"], ["setting theme"]),
      recorded: trusted("w/real"),
      then: thenAll("ready", ["w/link"]),
    }),
  },
  {
    name: "persisted-extension",
    why: "An extension in the folder is named, and does not run during the trust dialog.",
    arrange: (box) =>
      box.write(
        "w/own/.pi/extensions/run.js",
        `import { writeFileSync } from "node:fs";
writeFileSync(${JSON.stringify(box.path("w/own/ran"))}, "");
export default () => {};
`,
      ),
    folders: ["w/own"],
    env,
    expect: since(["w/own"], {
      ...nowTrusted(["w/own"], ["setting extensions/run.js"]),
      recorded: trusted("w/own"),
      then: [],
    }),
  },
  {
    name: "persisted-four-at-once",
    why: "Four programs write one file, and none loses another's entry, or an earlier entry.",
    arrange: (box) => {
      asking(...four)(box);
      box.write(stateFile, { [box.path("w/no")]: false });
    },
    folders: four,
    env,
    expect: since(
      four,
      {
        ...nowTrusted(four, ["setting theme"]),
        recorded: { ...trusted(...four), "w/no": "untrusted" },
        then: [],
      },
      { "w/no": "untrusted" },
    ),
  },
  {
    name: "persisted-refused",
    why: "The user's refusal stays in force and recorded.",
    arrange: (box) => {
      asking("w/no")(box);
      box.write(stateFile, { [box.path("w/no")]: false });
    },
    folders: ["w/no"],
    env,
    expect: since(
      ["w/no"],
      {
        ...settled(1, "blocked", "untrusted-by-user", "w/no"),
        recorded: { "w/no": "untrusted" },
        then: thenAll("ready", ["w/no"]),
      },
      { "w/no": "untrusted" },
    ),
  },
  {
    name: "persisted-own-folder",
    why: "PI_CODING_AGENT_DIR moves the CLI's state.",
    arrange: asking("w/own"),
    folders: ["w/own"],
    env: (box) => ({ ...env(), PI_CODING_AGENT_DIR: box.path("moved") }),
    stateFolder: "moved",
    expect: since(["w/own"], {
      ...nowTrusted(["w/own"], ["setting theme"]),
      recorded: trusted("w/own"),
      then: thenAll("ready", ["w/own"]),
    }),
  },
  {
    name: "persisted-signed-out",
    why: "It asks for trust before a login, so no login is needed.",
    arrange: asking("w/own"),
    folders: ["w/own"],
    expect: since(["w/own"], {
      ...nowTrusted(["w/own"], ["setting theme"]),
      recorded: trusted("w/own"),
      then: [{ folder: "w/own", asks: "sign-in" }],
    }),
  },
];
