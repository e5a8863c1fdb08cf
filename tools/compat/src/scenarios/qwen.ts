import type { Box } from "../box/box.ts";
import { agents, apiKey } from "../record/agents.ts";
import {
  type AnsweredExpected,
  type AnsweredScenario,
  type OnRecord,
  four,
  nowTrusted,
  recordedAs,
  settled,
  thenAll,
} from "./answered-scenario.ts";
import type { Asks } from "./launch-scenario.ts";

const trusted = (...folders: readonly string[]): OnRecord => recordedAs("TRUST_FOLDER", folders);

const ready = (...folders: readonly string[]) => thenAll("ready", folders);

/** A provider on a port without a server, so that it does not ask to choose one. */
const env = () => ({
  OPENAI_API_KEY: apiKey,
  OPENAI_BASE_URL: "http://127.0.0.1:9/v1",
  OPENAI_MODEL: "demo",
});

/** A set-up profile with the trust dialog switched on, and these entries. */
const profile = (box: Box, entries: OnRecord = {}): void => {
  agents.qwen.setUp(box);
  const rows = Object.entries(entries).map(([folder, level]) => [box.folder(folder), level]);
  if (rows.length > 0) box.write(".qwen/trustedFolders.json", Object.fromEntries(rows));
};

/** Trusted, and at the choice of a provider. That screen has had two titles. */
const signedOut = (asks: Asks): AnsweredExpected => ({
  ...nowTrusted(["w/plain"]),
  recorded: trusted("w/plain"),
  then: [{ folder: "w/plain", asks }],
});

export const qwenScenarios: readonly AnsweredScenario[] = [
  {
    name: "plain",
    why: "Only the folder is trusted, not its parent: it still asks in the folder beside it.",
    arrange: (box) => {
      profile(box);
      box.folder("w/plain");
      box.folder("w/other");
    },
    folders: ["w/plain"],
    env,
    expect: [
      {
        is: {
          ...nowTrusted(["w/plain"]),
          recorded: trusted("w/plain"),
          then: [...ready("w/plain"), { folder: "w/other", asks: "trust" }],
        },
      },
    ],
  },
  {
    name: "git-sub-folder",
    why: "A repository is treated like any other folder.",
    arrange: (box) => {
      profile(box);
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
    name: "refused",
    why: "The user's refusal stays in force and recorded.",
    arrange: (box) => profile(box, { "w/no": "DO_NOT_TRUST", "w/mine": "TRUST_FOLDER" }),
    folders: ["w/no"],
    env,
    expect: [
      {
        is: {
          ...settled(1, "blocked", "untrusted-by-user", "w/no"),
          recorded: { "w/no": "DO_NOT_TRUST", "w/mine": "TRUST_FOLDER" },
          then: ready("w/no"),
        },
      },
    ],
  },
  {
    name: "existing-entries",
    why: "Earlier records stay beside the new folder.",
    arrange: (box) => {
      profile(box, { "w/no": "DO_NOT_TRUST", "w/mine": "TRUST_FOLDER" });
      box.folder("w/plain");
    },
    folders: ["w/plain"],
    env,
    expect: [
      {
        is: {
          ...nowTrusted(["w/plain"]),
          recorded: { "w/no": "DO_NOT_TRUST", ...trusted("w/mine", "w/plain") },
          then: [],
        },
      },
    ],
  },
  {
    name: "four-at-once",
    why: "0.15.10 writes back what it read when it started, and yet no entry is lost.",
    arrange: (box) => {
      profile(box);
      four.forEach(box.folder);
    },
    folders: four,
    env,
    expect: [{ is: { ...nowTrusted(four), recorded: trusted(...four), then: [] } }],
  },
  {
    name: "two-preflights",
    why: "No entry is lost if two processes of ours start it at once.",
    arrange: (box) => {
      profile(box);
      four.forEach(box.folder);
    },
    folders: four.slice(0, 2),
    meanwhile: four.slice(2),
    env,
    expect: [{ is: { ...nowTrusted(four), recorded: trusted(...four), then: [] } }],
  },
  {
    name: "not-switched-on",
    why: "Its trust dialog is off by default: then there is nothing to answer.",
    arrange: (box) => {
      box.write(".qwen/settings.json", { security: { auth: { selectedType: "openai" } } });
      box.folder("w/plain");
    },
    folders: ["w/plain"],
    env,
    expect: [
      {
        is: {
          ...settled(0, "not-needed", "not-asked", "w/plain"),
          recorded: {},
          then: ready("w/plain"),
        },
      },
    ],
  },
  {
    name: "switched-on-by-project",
    why: "A project's own settings can switch the trust dialog on, too.",
    arrange: (box) => {
      box.write(".qwen/settings.json", { security: { auth: { selectedType: "openai" } } });
      // With the current version in it, Qwen has no reason to update the file and keep a copy of the old one.
      box.write("w/asks/.qwen/settings.json", { $version: 4, security: { folderTrust: { enabled: true } } });
    },
    folders: ["w/asks"],
    env,
    expect: [
      {
        is: {
          ...nowTrusted(["w/asks"], ["setting $version", "setting security"]),
          recorded: trusted("w/asks"),
          then: [],
        },
      },
    ],
  },
  {
    name: "own-folder",
    why: "QWEN_HOME moves the CLI's state and its settings.",
    arrange: (box) => {
      box.write("moved/settings.json", {
        security: { auth: { selectedType: "openai" }, folderTrust: { enabled: true } },
      });
      box.folder("w/plain");
    },
    folders: ["w/plain"],
    env: (box) => ({ ...env(), QWEN_HOME: box.path("moved") }),
    stateFolder: "moved",
    expect: [{ is: { ...nowTrusted(["w/plain"]), recorded: trusted("w/plain"), then: ready("w/plain") } }],
  },
  {
    name: "signed-out",
    why: "It asks for trust before a provider, so no provider is needed.",
    arrange: (box) => {
      box.write(".qwen/settings.json", { security: { folderTrust: { enabled: true } } });
      box.folder("w/plain");
    },
    folders: ["w/plain"],
    expect: [{ upTo: "0.15.10", is: signedOut("sign-in") }, { is: signedOut("provider") }],
  },
  {
    name: "without-persist",
    why: "Trust cannot be passed at launch, and without --persist nothing is started; then it asks.",
    unasked: true,
    arrange: (box) => {
      profile(box);
      box.folder("w/plain");
    },
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
