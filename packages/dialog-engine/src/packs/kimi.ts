import type { RulePack } from "../rules/rule.ts";

const otherRows = [
  "Enable project MCP servers. Remembered for this folder.",
  "Don't trust",
  "Exit Kimi Code. Asked again next launch.",
];

/**
 * Kimi Code's start-up screens. Each option has a line of description below it, in the column of the label.
 * The locator reads that line as an option, so this pack lists it as an option that is never wanted.
 *
 *       Trust this folder?
 *       ↑↓ navigate · Enter select · Esc exit
 *       /tmp/h/home/w/proj
 *        ❯ Trust this folder
 *          Enable project MCP servers. Remembered for this folder.
 *          Don't trust
 *          Exit Kimi Code. Asked again next launch.
 */
export const kimiPack: RulePack = {
  provider: "kimi",
  deadWindowMs: 200,
  readyStandsMs: 1_500,
  lists: { pointers: "❯", areOptionsApart: true },
  slots: {
    // "demo (stdio): command=true args=[] cwd=/w/proj", one server per row
    targets: /^(?:(?:^| )[\w.-]+ \(\w+\): (?:command|url)=\S+(?: args=\[[^\]]*\])?(?: cwd=\S+)?)+$/u,
  },
  rules: [
    {
      type: "select",
      id: "kimi/trust",
      kind: "trust",
      commits: true,
      title: "Trust this folder?",
      body: [
        "↑↓ navigate · Enter select · Esc exit",
        "{folder}",
        "Project-level MCP servers are disabled until you explicitly choose Trust. Trust starts the listed project MCP targets and remembers this folder.",
        { maybe: ["Project MCP targets: {targets}"] },
      ],
      want: { accept: ["Trust this folder"] },
      never: otherRows,
      needsAllLabels: true,
      memory: "retry",
      seenIn: ["2.1.0"],
      why: "Trust also starts the project's MCP servers, which the dialog lists.",
    },
    {
      type: "block",
      id: "kimi/sign-in",
      code: "sign-in-needed",
      anchors: ["not set, run /login or /provider"],
      besideComposer: true,
      standsMs: 2_000,
      seenIn: ["2.1.0"],
      why: "The composer is shown, but no model answers. The login is left to a person.",
    },
    {
      type: "ready",
      id: "kimi/ready",
      anchors: [],
      composer: { prompts: ">", between: "rules" },
      status: ["context:"],
      seenIn: ["2.1.0"],
      why: "The composer's frame and its status row are two signals.",
    },
  ],
};
