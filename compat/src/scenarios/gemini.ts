import { agents, apiKey } from "../record/agents.ts";
import type { LaunchExpected, LaunchScenario } from "./launch-scenario.ts";

const stateFile = ".gemini/trustedFolders.json";
const variable = "GEMINI_CLI_TRUST_WORKSPACE";
const env = () => ({ GEMINI_API_KEY: apiKey });

/** Told at launch Gemini asks nothing; not told it asks for trust. */
const told = (folder: string): LaunchExpected => ({
  exit: 0,
  results: [{ status: "not-needed", code: "passed-at-launch", trustKey: folder }],
  launchEnv: [variable],
  told: [{ folder, asks: "ready" }],
  untold: [{ folder, asks: "trust" }],
});

export const geminiScenarios: readonly LaunchScenario[] = [
  {
    name: "plain",
    why: "It asks in every folder, and is told at launch that it may trust this one.",
    arrange: (box) => {
      agents.gemini.setUp(box);
      box.folder("w/plain");
    },
    folders: ["w/plain"],
    env,
    stateFile,
    expect: [{ is: told("w/plain") }],
  },
  {
    name: "git-sub-folder",
    why: "A repository is nothing special.",
    arrange: (box) => {
      agents.gemini.setUp(box);
      box.repository("w/repo");
      box.folder("w/repo/a b.c");
    },
    folders: ["w/repo/a b.c"],
    env,
    stateFile,
    expect: [{ is: told("w/repo/a b.c") }],
  },
  {
    name: "existing-entries",
    why: "What trustedFolders.json says stays in force, and stays there.",
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
          told: [],
          untold: [{ folder: "w/mine", asks: "ready" }],
        },
      },
    ],
  },
];
