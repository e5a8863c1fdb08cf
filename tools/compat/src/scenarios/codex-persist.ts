import { nowTrusted, settled, type AnsweredExpected, type AnsweredScenario } from "./answered-scenario.ts";
import type { ByVersion } from "../clis/version.ts";
import { each, profile } from "./codex.ts";

/** 0.63.0 has an app-server that does not know the request; 0.101.0 and later write. */
const sinceAppServer = (unknown: readonly string[], is: AnsweredExpected): ByVersion<AnsweredExpected> => [
  {
    upTo: "0.63.0",
    is: {
      exit: 1,
      results: unknown.map((trustKey) => ({ status: "failed", code: "control-unavailable", trustKey })),
      recorded: {},
      then: [],
    },
  },
  { is },
];

/** With --persist its app-server writes the entries; no dialog is answered. */
export const codexPersistScenarios: readonly AnsweredScenario[] = [
  {
    name: "persisted",
    why: "Both are recorded by one process, by their own paths, and Codex then asks in neither.",
    arrange: (box) => {
      profile(box);
      ["w/repo", 'w/it\'s "b".c é', "w/other"].forEach(box.repository);
    },
    folders: ["w/repo", 'w/it\'s "b".c é'],
    via: "auto",
    expect: sinceAppServer(["w/repo", 'w/it\'s "b".c é'], {
      ...nowTrusted(["w/repo", 'w/it\'s "b".c é']),
      recorded: { "w/repo": "trusted", 'w/it\'s "b".c é': "trusted" },
      then: [...each(["w/repo", 'w/it\'s "b".c é'], "ready"), { folder: "w/other", asks: "trust" }],
    }),
  },
  {
    name: "persisted-refused",
    why: "A folder that the user marked as untrusted stays untrusted.",
    arrange: (box) => {
      profile(box, { "w/no": "untrusted" });
      box.repository("w/no");
    },
    folders: ["w/no"],
    via: "auto",
    expect: [
      {
        is: {
          ...settled(1, "blocked", "untrusted-by-user", "w/no"),
          recorded: { "w/no": "untrusted" },
          then: [],
        },
      },
    ],
  },
];
