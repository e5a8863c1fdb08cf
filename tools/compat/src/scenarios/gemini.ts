import { agents, apiKey } from "../record/agents.ts";
import { accepted, four, refusedByUser, type AnsweredScenario } from "./answered-scenario.ts";
import type { LaunchExpected, LaunchScenario } from "./launch-scenario.ts";

const stateFile = ".gemini/trustedFolders.json";
const env = () => ({ GEMINI_API_KEY: apiKey });

/** With trust passed at launch, Gemini asks nothing; without it, it asks for trust. */
const passedAtLaunch = (folder: string): LaunchExpected => ({
  exit: 0,
  results: [{ status: "not-needed", code: "passed-at-launch", trustKey: folder }],
  launchEnv: ["GEMINI_CLI_TRUST_WORKSPACE"],
  withLaunch: { [folder]: "ready" },
  withoutLaunch: { [folder]: "trust" },
});

export const geminiScenarios: readonly LaunchScenario[] = [
  {
    name: "plain",
    why: "It asks in every folder, and gets trust for this one at launch.",
    arrange: (box) => {
      agents.gemini.setUp(box);
      box.folder("w/plain");
    },
    folders: ["w/plain"],
    env,
    stateFile,
    expect: [{ is: passedAtLaunch("w/plain") }],
  },
  {
    name: "git-sub-folder",
    why: "A repository is treated like any other folder.",
    arrange: (box) => {
      agents.gemini.setUp(box);
      box.repository("w/repo");
      box.folder("w/repo/a b.c");
    },
    folders: ["w/repo/a b.c"],
    env,
    stateFile,
    expect: [{ is: passedAtLaunch("w/repo/a b.c") }],
  },
  {
    name: "existing-entries",
    why: "The entries of trustedFolders.json stay in force and unchanged.",
    arrange: (box) => {
      agents.gemini.setUp(box);
      box.write(stateFile, `{ "${box.folder("w/mine")}": "TRUST_FOLDER" }\n`);
    },
    folders: ["w/mine"],
    env,
    stateFile,
    expect: [
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

const trusted = accepted("TRUST_FOLDER");
const refusal = { "w/no": "DO_NOT_TRUST" };

/** With --persist its own dialog is answered. It restarts itself after the answer. */
export const geminiPersistScenarios: readonly AnsweredScenario[] = [
  {
    name: "persisted",
    why: "Only the folder is trusted, not its parent: it still asks in the folder beside it.",
    arrange: (box) => {
      agents.gemini.setUp(box);
      box.folder("w/plain");
      box.folder("w/other");
    },
    folders: ["w/plain"],
    env,
    expect: [{ is: trusted(["w/plain"], { "w/plain": "ready", "w/other": "trust" }) }],
  },
  {
    name: "persisted-four-at-once",
    why: "Four programs write one file, and none loses another's entry, or an earlier entry.",
    arrange: (box) => {
      agents.gemini.setUp(box);
      box.write(stateFile, { [box.folder("w/no")]: "DO_NOT_TRUST" });
      four.forEach(box.folder);
    },
    folders: four,
    env,
    expect: [{ is: trusted(four, {}, { earlier: refusal }) }],
  },
  {
    name: "persisted-refused",
    why: "The user's refusal stays in force and recorded.",
    arrange: (box) => {
      agents.gemini.setUp(box);
      box.write(stateFile, { [box.folder("w/no")]: "DO_NOT_TRUST" });
    },
    folders: ["w/no"],
    env,
    // It reaches a composer that says it is untrusted, which the rules do not accept as ready.
    expect: [{ is: refusedByUser("w/no", refusal) }],
  },
];
