import type { RulePack, SelectRule } from "../rules/rule.ts";

const asTrust = {
  type: "select",
  kind: "trust",
  commits: true,
  memory: "retry",
} as const satisfies Partial<SelectRule>;
const asUpdate = {
  type: "select",
  kind: "update",
  want: { skip: ["Skip"] },
  never: [/^Update now\b/u, "Skip until next version"],
  memory: "retry",
} as const satisfies Partial<SelectRule>;
const leftToPerson = { type: "block", code: "consent-needed" } as const;
const pressEnter = ["Press enter to continue"];
const skipWhy = '"Skip" is the one answer that nothing remembers.';

/**
 * Codex's start-up screens. Preflight passes trust as launch data and sees none of them; a person's own start
 * does. Its composer has no frame. From 0.155.1 on it is drawn before the dialog, which then replaces it.
 *
 *      > You are in /opt/h/w/proj                       Folder access
 *                                                       /opt/h/w/proj
 *        Do you trust the contents of this
 *        directory? ...                                 Trust this folder? Codex can read, ...
 *
 *      › 1. Yes, continue                             › 1. Trust and continue
 *        2. No, quit                                    2. Back to Agent Command Center
 *
 *        Press enter to continue                        enter continue · esc back
 */
export const codexPack: RulePack = {
  provider: "codex",
  // 0.155.1 - 0.169.0 lost a key at first sight; a key after 50 ms worked.
  deadWindowMs: 150,
  // In the recordings of 0.155.1 and 0.169.0 the composer was shown for 0.1 - 0.9 s before the dialog came.
  readyStandsMs: 3_000,
  // The repository that a sub-folder or a worktree belongs to (0.125.0 to 0.169.0).
  // One word: a second one might be a sentence of its own. A root with a space in it is left to a person.
  slots: { root: /^\/\S+$/u, path: /^\/\S+$/u },
  rules: [
    {
      type: "block",
      id: "codex/restricted",
      code: "consent-needed",
      anchors: ["Open restricted"],
      seenIn: ["0.169.0"],
      why: "Asked for a folder that the user's config.toml calls untrusted. The user wrote that on purpose, and only the user may change it.",
    },
    {
      ...asUpdate,
      id: "codex/update",
      title: "✨ Update available! {word} -> {word}",
      body: ["Release notes: {link}"],
      footer: pressEnter,
      seenIn: ["0.63.0", "0.101.0", "0.125.0", "0.155.1"],
      why: `Shown before trust, with the pointer on an option that runs npm install -g. ${skipWhy}`,
    },
    {
      ...asUpdate,
      id: "codex/update-brief",
      title: "Update available · {word} → {word}",
      body: ["Release notes: {link}"],
      footer: ["enter continue · esc skip"],
      seenIn: ["0.169.0"],
      why: `The same with other punctuation and another footer. ${skipWhy}`,
    },
    {
      ...asTrust,
      id: "codex/trust-git",
      title: "> You are running Codex in {folder}",
      body: [
        "Since this folder is version controlled, you may wish to allow Codex to work in this folder without asking for approval.",
      ],
      footer: pressEnter,
      want: { accept: ["Yes, allow Codex to work in this folder without asking for approval"] },
      never: ["No, ask me to approve edits and commands"],
      seenIn: ["0.63.0"],
      why: "The wording up to 0.80.0 in a repository. What it calls working without approval is what config.toml then calls trusted.",
    },
    {
      ...asTrust,
      id: "codex/trust-plain",
      title: "> You are running Codex in {folder}",
      body: [
        "Since this folder is not version controlled, we recommend requiring approval of all edits and commands.",
      ],
      footer: pressEnter,
      want: { accept: ["Allow Codex to work in this folder without asking for approval"] },
      never: ["Require approval of edits and commands"],
      seenIn: ["0.63.0"],
      why: "The same outside of a repository, where Enter at first sight writes untrusted (0.63.0 - 0.80.0).",
    },
    {
      ...asTrust,
      id: "codex/trust-contents",
      title: "> You are in {folder}",
      body: [
        {
          maybe: [
            "Note: You’re in a subdirectory of a Git project. Trusting will apply to the repository root: {root}",
          ],
        },
        "Do you trust the contents of this directory? Working with untrusted contents comes with higher risk of prompt injection.",
        {
          maybe: ["Trusting the directory allows project-local config, hooks, and exec policies to load."],
        },
      ],
      footer: pressEnter,
      want: { accept: ["Yes, continue"] },
      never: ["No, quit"],
      seenIn: ["0.101.0", "0.125.0", "0.155.1"],
      why: "The wording of 0.101.0 - 0.155.1. Trust goes to the root of the repository, also where a folder in it is named.",
    },
    {
      ...asTrust,
      id: "codex/trust-folder",
      title: "Folder access",
      body: [
        "{folder}",
        {
          maybe: [
            "Note: You’re in a subdirectory of a Git project. Trusting will apply to the repository root: {root}",
          ],
        },
        "Trust this folder? Codex can read, edit, and run files here, subject to your permission settings. Folder settings can run code automatically, even without a model request. Continue only if you trust these files. Your trust decision will be saved.",
      ],
      footer: [{ oneOf: ["enter continue · esc back", "enter continue · esc quit"] }],
      want: { accept: ["Trust and continue"] },
      never: ["Quit", "Back to Agent Command Center"],
      seenIn: ["0.169.0"],
      why: "The wording from 0.157.1 on; from 0.161.0 only repositories and folders with a .codex are asked about.",
    },
    {
      type: "block",
      id: "codex/hooks",
      code: "consent-needed",
      anchors: ["Hooks need review", "Trust all and continue"],
      seenIn: ["0.155.1", "0.169.0"],
      why: "Asked behind trust where the folder brings hooks: commands that run outside of the sandbox. Naming a folder does not consent to them.",
    },
    {
      type: "select",
      id: "codex/model-migration",
      kind: "model-migration",
      title: "Codex just got an upgrade. Introducing {word}.",
      body: [
        "Codex is now powered by {word}, our most capable agentic coding model yet. It's built for long-running, project-scale work, with mid-turn steering + frequent progress updates so you can collaborate while it runs (and it's faster too).",
        "Learn more: {link}",
        "You can keep using {word} if you prefer.",
        "Choose how you'd like Codex to proceed.",
      ],
      footer: ["Use ↑/↓ to move, press enter to confirm"],
      want: { keep: ["Use existing model"], switch: ["Try new model"] },
      never: [],
      memory: "retry",
      seenIn: ["0.101.0"],
      why: "Shown right after trust. Either answer is written to config.toml.",
    },
    {
      type: "select",
      id: "codex/session-directory",
      kind: "session-dir",
      title: "Choose working directory to resume this session",
      body: [
        {
          oneOf: [
            "Session = latest cwd recorded in the resumed session Current = your current working directory",
            "Session directory: {path} Current directory: {folder}",
          ],
        },
      ],
      footer: pressEnter,
      want: {
        session: [/^Use session directory \(\/[^()]*\)$/u],
        current: ["Use current directory ({folder})"],
      },
      never: ["Always use session directory", "Always use current directory"],
      memory: "retry",
      seenIn: ["0.136.0 (other projects' captures, and openai/codex's own snapshots)"],
      why: "Asked by `codex resume` in another folder than the session's. The last two options are written to config.toml, so they are never taken.",
    },
    {
      ...leftToPerson,
      id: "codex/import-config",
      anchors: ["External agent config detected", "Skip for now"],
      seenIn: ["0.128 and later (openai/codex's own snapshot, other projects' captures)"],
      why: "Asked of a user who has a Claude home. The check rows above its answers have no pointer, and an answer gets one only after arrows have left them: reaching it would need keys sent blind, or digits.",
    },
    {
      ...leftToPerson,
      id: "codex/import-review",
      anchors: ["Choose what to import", "Review selection"],
      seenIn: ["0.15x (openai/codex's own snapshot)"],
      why: "The second page of the same.",
    },
    {
      ...leftToPerson,
      id: "codex/model-upgrade",
      anchors: ["Codex just got an upgrade with"],
      seenIn: ["0.1xx (other projects' captures)"],
      why: "The question about a newer model, in a wording that was not recorded.",
    },
    {
      ...leftToPerson,
      id: "codex/model-gone",
      anchors: ["is no longer available", "Codex to proceed"],
      seenIn: ["0.1xx (other projects' captures)"],
      why: "Which model takes over is a person's decision.",
    },
    {
      ...leftToPerson,
      id: "codex/open-task",
      anchors: ["Open existing task", "Quit"],
      seenIn: ["0.1xx (other projects' captures)"],
      why: "Another process works on the same task.",
    },
    {
      ...leftToPerson,
      id: "codex/rate-limits",
      anchors: ["Approaching rate limits", "Keep current model"],
      seenIn: ["0.1xx (other projects' captures)"],
      why: "A person decides about another model.",
    },
    {
      ...leftToPerson,
      id: "codex/continue-anyway",
      anchors: ["Continue anyway? [y/N]:"],
      seenIn: ["0.1xx (other projects' captures)"],
      why: "A warning that only the key y passes.",
    },
    {
      type: "block",
      id: "codex/sign-in",
      code: "sign-in-needed",
      anchors: ["Sign in with ChatGPT", "Press enter to continue"],
      seenIn: ["0.63.0", "0.101.0", "0.125.0", "0.155.1", "0.169.0"],
      why: "Sign-in is left to a person. An API key in the environment does not skip it; the trust dialog comes after it.",
    },
    {
      type: "ready",
      id: "codex/ready",
      anchors: [],
      composer: { prompts: "›", between: "blank rows" },
      status: ["? for shortcuts", "context left", "· Context", "· /", "· ~"],
      without: [
        // The box above the composer, and the two rows that 0.169.0 has in its place.
        "model: loading",
        "directory: loading",
        ") loading",
        // A form of an MCP server.
        "required unanswered)",
      ],
      seenIn: ["0.63.0", "0.101.0", "0.125.0", "0.155.1", "0.169.0"],
      why: "The composer is drawn already while the program loads. Up to 0.125.0 an empty composer shows another suggestion at each start, so the row below it decides: hints, or model and folder.",
    },
  ],
};
