import type { OptionLabel, RulePack } from "../rules/rule.ts";

const footer = ["↑↓ navigate enter select escape/ctrl+c cancel"];
const otherOptions: readonly OptionLabel[] = [
  "Trust (this session only)",
  "Do not trust",
  "Do not trust (this session only)",
];

/**
 * pi's start-up screens. It asks since 0.79.0, in a folder that brings settings or resources of its own. Its
 * composer is a blank row between two rules.
 *
 *      ──────────────────────────────────────────────────
 *       Trust project folder?
 *       /tmp/h/home/w/proj
 *
 *       This allows pi to load .pi settings and resources, ...
 *
 *       → Trust
 *         Trust parent folder (/tmp/h/home/w)
 *         Trust (this session only)
 *         Do not trust
 *         Do not trust (this session only)
 *
 *       ↑↓ navigate  enter select  escape/ctrl+c cancel
 *      ──────────────────────────────────────────────────
 */
export const piPack: RulePack = {
  provider: "pi",
  deadWindowMs: 200,
  readyStandsMs: 2_000,
  lists: { pointers: "→" },
  rules: [
    {
      type: "select",
      id: "pi/trust",
      kind: "trust",
      commits: true,
      title: "Trust project folder?",
      body: [
        "{folder}",
        "This allows pi to load .pi settings and resources, install missing project packages, and execute project extensions.",
      ],
      footer,
      want: { accept: ["Trust"] },
      never: [/^Trust parent folder \(.+\)$/u, ...otherOptions],
      needsAllLabels: true,
      memory: "retry",
      seenIn: ["0.87.1", "1.5.2"],
      why: '"Trust" alone writes the folder itself to trust.json. The two options for this session write nothing, and the caller did not name the parent folder.',
    },
    {
      type: "select",
      id: "pi/trust-instructions",
      kind: "trust",
      commits: true,
      title: "Trust project folder?",
      body: [
        "{folder}",
        "This allows pi to read project instructions (AGENTS.md/CLAUDE.md), load .pi settings and resources, install missing project packages, and execute project extensions.",
      ],
      footer,
      want: { accept: ["Trust"] },
      never: otherOptions,
      needsAllLabels: true,
      memory: "retry",
      seenIn: ["0.79.0"],
      why: "The first wording. It asks about instructions too, and does not offer the parent folder.",
    },
    {
      type: "block",
      id: "pi/sign-in",
      code: "sign-in-needed",
      anchors: ["No models available. Use /login"],
      besideComposer: true,
      standsMs: 2_000,
      seenIn: ["0.78.1", "0.79.0", "0.87.1", "1.5.2"],
      why: "The composer is shown, but no model answers. The login is left to a person.",
    },
    {
      type: "ready",
      id: "pi/ready",
      anchors: [],
      composer: { prompts: "", between: "rules" },
      status: ["(auto)", "0.0%/"],
      seenIn: ["0.78.1", "0.79.0", "0.87.1", "1.5.2"],
      why: "The composer's frame and its status row are two signals.",
    },
  ],
};
