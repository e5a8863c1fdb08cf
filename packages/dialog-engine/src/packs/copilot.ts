import type { RulePack } from "../rules/rule.ts";

/**
 * GitHub Copilot CLI's start-up screens.
 *
 *      ╭──────────────────────────────────────────────────────────╮
 *      │ Confirm folder trust                                     │
 *      │ ──────────────────────────────────────────────────────── │
 *      │ ╭──────────────────────────────────────────────────────╮ │
 *      │ │ /tmp/h/home/w/proj                                   │ │
 *      │ ╰──────────────────────────────────────────────────────╯ │
 *      │ Copilot can read files in this folder and, ...           │
 *      │ Do you trust the files in this folder?                   │
 *      │ ❯ 1. Yes                                                 │
 *      │   2. Yes, and remember this folder for future sessions   │
 *      │   3. No (Esc)                                            │
 */
export const copilotPack: RulePack = {
  provider: "copilot",
  deadWindowMs: 200,
  readyStandsMs: 2_000,
  // ● is a bullet in its transcript and its status row.
  lists: { pointers: "❯" },
  rules: [
    {
      type: "select",
      id: "copilot/trust",
      kind: "trust",
      commits: true,
      title: "Confirm folder trust",
      body: [
        "{folder}",
        "Copilot can read files in this folder and, with your permission, edit them or run code and shell commands. It will remember your permissions for the rest of this session.",
        "Do you trust the files in this folder?",
      ],
      footer: ["↑/↓ to navigate · enter to select · esc to cancel"],
      want: { accept: ["Yes, and remember this folder for future sessions"] },
      never: ["Yes", "No (Esc)"],
      memory: "retry",
      seenIn: ["1.0.102"],
      why: '"Yes" holds for this session only and leaves nothing on disk: no proof would ever come, and the next start would ask again. A caller who names a folder means the agents that start later.',
    },
    {
      type: "block",
      id: "copilot/sign-in",
      code: "sign-in-needed",
      anchors: ["Please use /login to sign in to use Copilot"],
      besideComposer: true,
      standsMs: 2_000,
      seenIn: ["1.0.102"],
      why: "The composer is shown, but takes commands only. The login is left to a person.",
    },
    {
      type: "ready",
      id: "copilot/ready",
      anchors: [],
      composer: { prompts: "❯", between: "rules" },
      status: ["? help", "· / commands"],
      seenIn: [
        "1.0.102 (recorded without an account: the wish for a login is beside it)",
        "1.0 (another project's captures)",
      ],
      why: "While it loads the same composer has another status row.",
    },
  ],
};
