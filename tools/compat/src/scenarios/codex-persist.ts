import { accepted, refusedByUser, type AnsweredScenario } from "./answered-scenario.ts";
import { profile } from "./codex.ts";

const folders = ["w/repo", 'w/it\'s "b".c é'];

/** With --persist its app-server writes the entries; no dialog is answered. */
export const codexPersistScenarios: readonly AnsweredScenario[] = [
  {
    name: "persisted",
    why: "Both are recorded by one process, by their own paths, and Codex then asks in neither.",
    arrange: (box) => {
      profile(box);
      [...folders, "w/other"].forEach(box.repository);
    },
    folders,
    via: "auto",
    expect: [
      // 0.63.0 has an app-server that does not know the request; 0.101.0 and later write.
      {
        upTo: "0.63.0",
        is: {
          exit: 1,
          results: folders.map((trustKey) => ({ status: "failed", code: "control-unavailable", trustKey })),
          recorded: {},
          then: {},
        },
      },
      {
        is: accepted("trusted")(folders, {
          "w/repo": "ready",
          'w/it\'s "b".c é': "ready",
          "w/other": "trust",
        }),
      },
    ],
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
    expect: [{ is: refusedByUser("w/no", { "w/no": "untrusted" }) }],
  },
];
