import type { RulePack } from "../rules/rule.ts";

/**
 * Gemini CLI's start-up screens. After an answer to the trust question it restarts itself and leaves the
 * answered dialog, with its pointer, above the next screen.
 *
 *      ╭──────────────────────────────────────────────╮
 *      │ Do you trust the files in this folder?       │
 *      │ Trusting a folder allows Gemini CLI to ...   │
 *      │ ● 1. Trust folder (proj)                     │
 *      │   2. Trust parent folder (w)                 │
 *      │   3. Don't trust                             │
 *      ╰──────────────────────────────────────────────╯
 *       Gemini CLI is restarting to apply the trust changes...
 */
export const geminiPack: RulePack = {
  provider: "gemini",
  deadWindowMs: 200,
  // The composer was shown for 0.2 - 0.8 s before the trust dialog came.
  readyStandsMs: 3_000,
  lists: { pointers: "●" },
  rules: [
    {
      type: "passing",
      id: "gemini/restarting",
      anchors: ["Gemini CLI is restarting to apply the trust changes..."],
      seenIn: ["0.61.0"],
      why: "The dialog above it was answered. Another Enter would reach the next process and start a sign-in.",
    },
    {
      type: "select",
      id: "gemini/trust",
      kind: "trust",
      commits: true,
      title: "Do you trust the files in this folder?",
      body: [
        "Trusting a folder allows Gemini CLI to load its local configurations, including custom commands, hooks, MCP servers, agent skills, and settings. These configurations could execute code on your behalf or change the behavior of the CLI.",
      ],
      want: { accept: ["Trust folder ({name})"] },
      never: ["Trust parent folder ({parent})", /^Don't trust( \(esc\))?$/u],
      needsAllLabels: true,
      memory: "once",
      // With an answer 0.2 s after the dialog was drawn, 8 of 11 runs saved it and went on untrusted, without the
      // restart: a later step of loading closes the dialog, and with it the timer. After 1.5 s all runs restarted.
      deadWindowMs: 1_500,
      seenIn: ["0.61.0"],
      why: "The caller did not name the parent folder, so it is never trusted. One Enter only: a second one could reach the process that starts next.",
    },
    {
      type: "block",
      id: "gemini/sign-in",
      code: "sign-in-needed",
      anchors: ["How would you like to authenticate for this project?"],
      standsMs: 2_000,
      seenIn: ["0.61.0"],
      why: "Sign-in is left to a person, even if the environment has a key. A process that was just told to trust may show it for a moment before it restarts.",
    },
    {
      type: "block",
      id: "gemini/api-key",
      code: "sign-in-needed",
      anchors: ["Enter Gemini API Key", "Paste your API key here"],
      seenIn: ["0.13.0, 0.61.0 (recorded, not kept)"],
      why: "Only a person may give a key.",
    },
    {
      type: "block",
      id: "gemini/policies",
      code: "consent-needed",
      anchors: ["New or changed workspace policies detected"],
      seenIn: ["0.56 (other projects' captures)"],
      why: "The folder's own policies allow tools without asking.",
    },
    {
      type: "block",
      id: "gemini/editor",
      code: "consent-needed",
      anchors: ["Do you want to connect", "to Gemini CLI?"],
      seenIn: ["0.56 (other projects' captures)"],
      why: "Yes installs an extension in the editor that the terminal belongs to.",
    },
    {
      type: "block",
      id: "gemini/sign-in-again",
      code: "sign-in-needed",
      anchors: ["Press R to restart, or Esc to choose a different authentication method."],
      seenIn: ["0.56 (other projects' captures)"],
      why: "Sign-in is left to a person.",
    },
    {
      type: "ready",
      id: "gemini/ready-in-box",
      anchors: ["Type your message or @path/to/file"],
      composer: { prompts: ">", between: "rules" },
      status: ["no sandbox (see /docs)"],
      without: ["due to untrusted folder"],
      seenIn: ["0.13.0 (recorded, not kept; other projects' captures too)"],
      why: "The composer in a box, with the older status row.",
    },
    {
      type: "ready",
      id: "gemini/ready",
      anchors: ["Type your message or @path/to/file"],
      composer: { prompts: ">", between: "blank rows" },
      status: ["/model", "sandbox"],
      without: ["due to untrusted folder"],
      seenIn: ["0.61.0"],
      why: "Two signals: the composer's own words, and the status rows below it. The process that asked for trust draws its composer once more before the next one starts, and says that it skips things in an untrusted folder.",
    },
  ],
};
