import type { Box } from "../box/box.ts";
import type { ByVersion } from "../clis/version.ts";
import { apiKey } from "../record/agents.ts";
import {
  accepted,
  four,
  refusedByUser,
  type AnsweredExpected,
  type AnsweredScenario,
  type OnRecord,
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
  withLaunch: {},
  withoutLaunch: { [folder]: "ready" },
});

/** With trust passed at launch pi asks nothing; without it, it asks for trust. */
const passedAtLaunch = (folder: string): LaunchExpected => ({
  exit: 0,
  results: [result("passed-at-launch", folder)],
  launchEnv: [],
  withLaunch: { [folder]: "ready" },
  withoutLaunch: { [folder]: "trust" },
});

const launchRows: readonly Omit<LaunchScenario, "env" | "stateFile">[] = [
  {
    name: "own-settings",
    why: "It asks in a folder with its own settings, and gets trust at launch.",
    arrange: asking("w/own"),
    folders: ["w/own"],
    expect: [{ upTo: unasked, is: quiet("w/own", "not-needed") }, { is: passedAtLaunch("w/own") }],
  },
  {
    name: "plain",
    why: "In a folder without its own settings it does not ask.",
    arrange: (box) => void box.folder("w/plain"),
    folders: ["w/plain"],
    expect: [{ upTo: unasked, is: quiet("w/plain", "not-needed") }, { is: quiet("w/plain", "not-asked") }],
  },
  {
    name: "instructions",
    why: "Only 0.79.0 asks about AGENTS.md.",
    arrange: (box) => box.write("w/repo/AGENTS.md", "Hello.\n"),
    folders: ["w/repo"],
    expect: [
      { upTo: unasked, is: quiet("w/repo", "not-needed") },
      { upTo: "0.79.0", is: passedAtLaunch("w/repo") },
      { is: quiet("w/repo", "not-asked") },
    ],
  },
  {
    name: "bare-folder",
    why: "A .pi without files that pi loads: only the first versions ask.",
    arrange: (box) => void box.folder("w/bare/.pi"),
    folders: ["w/bare"],
    expect: [
      { upTo: unasked, is: quiet("w/bare", "not-needed") },
      { upTo: "0.79.0", is: passedAtLaunch("w/bare") },
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
    expect: [{ upTo: unasked, is: quiet("w/all/one", "not-needed") }, { is: passedAtLaunch("w/all/one") }],
  },
  {
    name: "existing-entries",
    why: "The entries of trust.json stay in force and unchanged.",
    arrange: (box) => {
      asking("w/mine")(box);
      box.write(stateFile, { [box.path("w/mine")]: true });
    },
    folders: ["w/mine"],
    expect: [
      { upTo: unasked, is: quiet("w/mine", "not-needed") },
      {
        is: {
          exit: 0,
          results: [{ status: "already-trusted", code: "already-trusted", trustKey: "w/mine" }],
          launchEnv: null,
          withLaunch: {},
          withoutLaunch: { "w/mine": "ready" },
        },
      },
    ],
  },
];

export const piScenarios: readonly LaunchScenario[] = launchRows.map((row) => ({ ...row, env, stateFile }));

/** Before pi had a trust dialog, it asked nothing, recorded nothing, and ignored records. */
const before = (
  folders: readonly string[],
  recorded: OnRecord = {},
): { readonly upTo: string; readonly is: AnsweredExpected } => ({
  upTo: unasked,
  is: { exit: 0, results: folders.map(() => result("not-needed", null)), recorded, then: {} },
});

const since = (
  folders: readonly string[],
  is: AnsweredExpected,
  recorded?: OnRecord,
): ByVersion<AnsweredExpected> => [before(folders, recorded), { is }];

const refusal = { "w/no": "untrusted" };

/** Trusted, with the setting that `asking` writes reported. */
const trusted = (
  keys: readonly string[],
  then: AnsweredExpected["then"] = {},
  earlier: OnRecord = {},
): AnsweredExpected => accepted("trusted")(keys, then, { grants: ["setting theme"], earlier });

const signedIn: readonly AnsweredScenario[] = [
  {
    name: "persisted",
    why: "Only the folder is trusted, not its parent: it still asks in the folder beside it.",
    arrange: asking("w/own", "w/other"),
    folders: ["w/own"],
    expect: since(["w/own"], trusted(["w/own"], { "w/own": "ready", "w/other": "trust" })),
  },
  {
    name: "persisted-below",
    why: "A trusted folder covers those below it, except in 0.79.0.",
    arrange: asking("w/own", "w/own/below"),
    folders: ["w/own"],
    expect: [
      before(["w/own"]),
      { upTo: "0.79.0", is: trusted(["w/own"], { "w/own/below": "trust" }) },
      { is: trusted(["w/own"], { "w/own/below": "ready" }) },
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
    expect: since(
      ["w/repo/a b.c"],
      trusted(["w/repo/a b.c"], { "w/repo/a b.c": "ready", "w/repo": "trust" }),
    ),
  },
  {
    name: "persisted-symlink",
    why: "The key is the real path.",
    arrange: (box) => {
      asking("w/real")(box);
      box.link("w/link", "w/real");
    },
    folders: ["w/link"],
    expect: since(["w/link"], trusted(["w/real"], { "w/link": "ready" })),
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
    expect: since(["w/own"], accepted("trusted")(["w/own"], {}, { grants: ["setting extensions/run.js"] })),
  },
  {
    name: "persisted-four-at-once",
    why: "Four programs write one file, and none loses another's entry, or an earlier entry.",
    arrange: (box) => {
      asking(...four)(box);
      box.write(stateFile, { [box.path("w/no")]: false });
    },
    folders: four,
    expect: since(four, trusted(four, {}, refusal), refusal),
  },
  {
    name: "persisted-refused",
    why: "The user's refusal stays in force and recorded.",
    arrange: (box) => {
      asking("w/no")(box);
      box.write(stateFile, { [box.path("w/no")]: false });
    },
    folders: ["w/no"],
    expect: since(["w/no"], refusedByUser("w/no", refusal, { "w/no": "ready" }), refusal),
  },
  {
    name: "persisted-own-folder",
    why: "PI_CODING_AGENT_DIR moves the CLI's state.",
    arrange: asking("w/own"),
    folders: ["w/own"],
    env: (box) => ({ ...env(), PI_CODING_AGENT_DIR: box.path("moved") }),
    stateFolder: "moved",
    expect: since(["w/own"], trusted(["w/own"], { "w/own": "ready" })),
  },
];

/** With --persist its own dialog is answered. */
export const piPersistScenarios: readonly AnsweredScenario[] = [
  ...signedIn.map((row): AnsweredScenario => ({ env, ...row })),
  {
    name: "persisted-signed-out",
    why: "It asks for trust before a login, so no login is needed.",
    arrange: asking("w/own"),
    folders: ["w/own"],
    expect: since(["w/own"], trusted(["w/own"], { "w/own": "sign-in" })),
  },
];
