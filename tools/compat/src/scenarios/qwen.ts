import type { Box } from "../box/box.ts";
import { agents, apiKey } from "../record/agents.ts";
import {
  accepted,
  four,
  refusedByUser,
  withoutPersist,
  type AnsweredScenario,
  type OnRecord,
} from "./answered-scenario.ts";

const trusted = accepted("TRUST_FOLDER");

/** A provider on a port without a server, so that it does not ask to choose one. */
const env = () => ({
  OPENAI_API_KEY: apiKey,
  OPENAI_BASE_URL: "http://127.0.0.1:9/v1",
  OPENAI_MODEL: "demo",
});

const entries: OnRecord = { "w/no": "DO_NOT_TRUST", "w/mine": "TRUST_FOLDER" };

/** A set-up profile with the trust dialog switched on, and the entries. */
const profileWithEntries = (box: Box): void => {
  agents.qwen.setUp(box);
  const rows = Object.entries(entries).map(([folder, level]) => [box.folder(folder), level]);
  box.write(".qwen/trustedFolders.json", Object.fromEntries(rows));
};

/** A set-up profile with the trust dialog switched on, and these folders. */
const profileAnd =
  (...folders: readonly string[]) =>
  (box: Box): void => {
    agents.qwen.setUp(box);
    folders.forEach(box.folder);
  };

/** The settings of a person who has not switched the trust dialog on. */
const notSwitchedOn = { security: { auth: { selectedType: "openai" } } };

const signedIn: readonly AnsweredScenario[] = [
  {
    name: "plain",
    why: "Only the folder is trusted, not its parent: it still asks in the folder beside it.",
    arrange: profileAnd("w/plain", "w/other"),
    folders: ["w/plain"],
    expect: [{ is: trusted(["w/plain"], { "w/plain": "ready", "w/other": "trust" }) }],
  },
  {
    name: "git-sub-folder",
    why: "A repository is treated like any other folder.",
    arrange: (box) => {
      agents.qwen.setUp(box);
      box.repository("w/repo");
      box.folder("w/repo/a b.c");
    },
    folders: ["w/repo/a b.c"],
    expect: [{ is: trusted(["w/repo/a b.c"], { "w/repo/a b.c": "ready", "w/repo": "trust" }) }],
  },
  {
    name: "refused",
    why: "The user's refusal stays in force and recorded.",
    arrange: profileWithEntries,
    folders: ["w/no"],
    expect: [{ is: refusedByUser("w/no", entries, { "w/no": "ready" }) }],
  },
  {
    name: "existing-entries",
    why: "Earlier records stay beside the new folder.",
    arrange: (box) => {
      profileWithEntries(box);
      box.folder("w/plain");
    },
    folders: ["w/plain"],
    expect: [{ is: trusted(["w/plain"], {}, { earlier: entries }) }],
  },
  {
    name: "four-at-once",
    why: "0.15.10 writes back what it read when it started, and yet no entry is lost.",
    arrange: profileAnd(...four),
    folders: four,
    expect: [{ is: trusted(four) }],
  },
  {
    name: "two-preflights",
    why: "No entry is lost if two processes of ours start it at once.",
    arrange: profileAnd(...four),
    folders: four.slice(0, 2),
    meanwhile: four.slice(2),
    expect: [{ is: trusted(four) }],
  },
  {
    name: "not-switched-on",
    why: "Its trust dialog is off by default: then there is nothing to answer.",
    arrange: (box) => {
      box.write(".qwen/settings.json", notSwitchedOn);
      box.folder("w/plain");
    },
    folders: ["w/plain"],
    expect: [
      {
        is: {
          exit: 0,
          results: [{ status: "not-needed", code: "not-asked", trustKey: "w/plain" }],
          recorded: {},
          then: { "w/plain": "ready" },
        },
      },
    ],
  },
  {
    name: "switched-on-by-project",
    why: "A project's own settings can switch the trust dialog on, too.",
    arrange: (box) => {
      box.write(".qwen/settings.json", notSwitchedOn);
      // With the current version in it, Qwen has no reason to update the file and keep a copy of the old one.
      box.write("w/asks/.qwen/settings.json", { $version: 4, security: { folderTrust: { enabled: true } } });
    },
    folders: ["w/asks"],
    expect: [{ is: trusted(["w/asks"], {}, { grants: ["setting $version", "setting security"] }) }],
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
    expect: [{ is: trusted(["w/plain"], { "w/plain": "ready" }) }],
  },
  { ...withoutPersist, arrange: profileAnd("w/plain") },
];

export const qwenScenarios: readonly AnsweredScenario[] = [
  ...signedIn.map((row): AnsweredScenario => ({ env, ...row })),
  {
    name: "signed-out",
    why: "It asks for trust before a provider, so no provider is needed. The choice of one has had two titles.",
    arrange: (box) => {
      box.write(".qwen/settings.json", { security: { folderTrust: { enabled: true } } });
      box.folder("w/plain");
    },
    folders: ["w/plain"],
    expect: [
      { upTo: "0.15.10", is: trusted(["w/plain"], { "w/plain": "sign-in" }) },
      { is: trusted(["w/plain"], { "w/plain": "provider" }) },
    ],
  },
];
